/** Names of options, each `undefined`. */
export type Names = Readonly<Record<string, undefined>>;

function words(...lines: readonly string[]): Names {
  const names = lines.join(' ').split(' ');
  return Object.freeze(Object.fromEntries(names.map((name) => [name, undefined])));
}

/** The options that the constructors of sockets and streams read. */
export const socketNames: Names = words(
  'allowHalfOpen blockList captureRejections construct defaultEncoding destroy encoding fd final',
  'handle highWaterMark keepAlive keepAliveInitialDelay manualStart noDelay objectMode onread',
  'pauseOnCreate read readable readableHighWaterMark readableObjectMode signal typeOfService',
  'writable writableHighWaterMark writableObjectMode write writev',
);

/** The options that `socket.connect()` reads. */
export const dialNames: Names = words(
  'autoSelectFamily autoSelectFamilyAttemptTimeout family hints host localAddress localPort',
  'lookup path port',
);

/** The options that `dns.lookup()` reads. */
export const lookupNames: Names = words('all family hints order verbatim');

/** The options that `tls.connect()` reads and has no default for. */
export const tlsNames: Names = {
  ...dialNames,
  ...words(
    'ALPNProtocols allowHalfOpen enableTrace highWaterMark isServer onread pskCallback requestOCSP',
    'secureContext servername session signal socket timeout',
  ),
};

/**
 * Copies options for Node.js, with each of these names as a property of its own. Node.js reads options from plain objects:
 * without this, a property that any package has put on `Object.prototype` would become an option of each socket.
 *
 * `Object.create(null)` makes a hash table, from which Node.js needs ten times as long to make a socket. An object that gets
 * properties after it has lost its prototype, or is frozen then, gets a hidden class of its own, of half a kilobyte.
 */
export function ownOptions<T extends object>(names: Names, options: T): T {
  return Object.setPrototypeOf({ ...names, ...options }, null) as T;
}
