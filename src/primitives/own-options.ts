/** Names, each `undefined`. */
export type Names = Readonly<Record<string, undefined>>;

/** The words of some lines. */
function words(...lines: readonly string[]): Names {
  const names = lines.join(' ').split(' ');
  return Object.freeze(Object.fromEntries(names.map((name) => [name, undefined])));
}

/** What the constructor of a socket reads of its options, and what streams read of them. */
export const socketNames: Names = words(
  'allowHalfOpen blockList captureRejections construct defaultEncoding destroy encoding fd final',
  'handle highWaterMark keepAlive keepAliveInitialDelay manualStart noDelay objectMode onread',
  'pauseOnCreate read readable readableHighWaterMark readableObjectMode signal typeOfService',
  'writable writableHighWaterMark writableObjectMode write writev',
);

/** What `socket.connect()` reads of its options. */
export const dialNames: Names = words(
  'autoSelectFamily autoSelectFamilyAttemptTimeout family hints host localAddress localPort',
  'lookup path port',
);

/** What `dns.lookup()` reads of its options. */
export const lookupNames: Names = words('all family hints order verbatim');

/** What `tls.connect()` reads of its options and has no default for. */
export const tlsNames: Names = {
  ...dialNames,
  ...words(
    'ALPNProtocols allowHalfOpen enableTrace highWaterMark isServer onread pskCallback requestOCSP',
    'secureContext servername session signal socket timeout',
  ),
};

/**
 * A copy that has each of these names, if only as `undefined`. Node.js copies options into plain objects, where it would
 * take what somebody has put on Object.prototype for options.
 *
 * Not of `Object.create(null)`: that makes a hash table, from which Node.js takes ten times as long to make a socket.
 */
export function ownOptions<T extends object>(names: Names, options: T): T {
  const own = Object.setPrototypeOf({ ...names }, null) as object;
  return Object.assign(own, options) as T;
}
