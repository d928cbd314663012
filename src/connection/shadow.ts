/** The words of some lines. */
function words(...lines: readonly string[]): string[] {
  return lines.join(' ').split(' ');
}

/** What the constructor of a socket reads of its options, and what streams read of them. */
export const socketNames: readonly string[] = words(
  'allowHalfOpen blockList captureRejections construct defaultEncoding destroy encoding fd final',
  'handle highWaterMark keepAlive keepAliveInitialDelay manualStart noDelay objectMode onread',
  'pauseOnCreate read readable readableHighWaterMark readableObjectMode signal typeOfService',
  'writable writableHighWaterMark writableObjectMode write writev',
);

/** What `socket.connect()` reads of its options. */
export const dialNames: readonly string[] = words(
  'autoSelectFamily autoSelectFamilyAttemptTimeout family hints host localAddress localPort',
  'lookup path port',
);

/** What `dns.lookup()` reads of its options. */
export const lookupNames: readonly string[] = words('all family hints order verbatim');

/** What `tls.connect()` reads of its options and has no default for. */
export const tlsNames: readonly string[] = [
  ...dialNames,
  ...words(
    'ALPNProtocols allowHalfOpen enableTrace highWaterMark isServer onread pskCallback requestOCSP',
    'secureContext servername session signal socket timeout',
  ),
];

/**
 * A copy that has each of these names, if only as `undefined`. Node.js copies options into plain objects, where it would
 * take what somebody has put on Object.prototype for options.
 */
export function shadowed<T extends object>(names: readonly string[], options: T): T {
  const own = Object.create(null) as Record<string, unknown>;
  for (const name of names) own[name] = undefined;
  return Object.assign(own, options) as T;
}
