import { ConnectionManager } from './manager.js';

/**
 * The manager of the functions `connect()`, `createPool()`, `getPool()` and `disconnectAll()`: its `pools`, `connections` and
 * `stats()` are those of the whole program, but for managers of its own.
 *
 * @example
 * ```ts
 * import { defaultManager } from 'connman';
 *
 * for (const { name, state, rootCode } of defaultManager.stats().pools) console.log(name, state, rootCode);
 * ```
 */
export const defaultManager: ConnectionManager = new ConnectionManager();

/**
 * Makes a connection of the default manager, which dials at once and stays until it is disconnected. The handler is never
 * called before this returns. Of several endpoints, the connection uses one at a time: it stays with one that works, and
 * dials the next in order as soon as one fails.
 * @throws `OptionError` (a `TypeError`) for a wrong argument, option or handler. Then nothing was opened.
 *
 * @example
 * ```ts
 * import { connect } from 'connman';
 *
 * const connection = connect(6379, '127.0.0.1', {
 *   onConnect: (socket) => socket.write('PING\r\n'),
 *   onData: (chunk) => console.log(chunk.toString()),
 *   onReset: (reset) => console.log(`lost: ${reset.code}`),
 * });
 * process.once('SIGTERM', () => void connection.disconnect());
 * ```
 */
export const connect: ConnectionManager['connect'] = defaultManager.connect.bind(defaultManager) as never;

/**
 * Makes a pool of the default manager, which has no connections until you add some or its discovery brings them. The factory
 * is called for each connection and returns its handler.
 * @throws `OptionError` for a wrong argument or option; `PoolExistsError` while a pool of this name is connected.
 *
 * @example
 * ```ts
 * import { createPool, staticEndpoints } from 'connman';
 *
 * const pool = createPool('cache', () => ({ onConnect() {} }), {
 *   discovery: staticEndpoints([
 *     { host: '10.0.0.1', port: 11211 },
 *     { host: '10.0.0.2', port: 11211 },
 *   ]),
 *   perEndpoint: 4,
 * });
 *
 * void pool.ready().then(() => console.log(`${pool.readyCount} connections are ready`));
 * ```
 */
export const createPool: ConnectionManager['createPool'] = defaultManager.createPool.bind(defaultManager);

/**
 * Returns the pool of the default manager with this name, or `undefined` if there is none or it is disconnected.
 *
 * @example
 * ```ts
 * import { getPool } from 'connman';
 *
 * console.log(getPool('cache')?.readyCount ?? 'no such pool');
 * ```
 */
export const getPool: ConnectionManager['getPool'] = defaultManager.getPool.bind(defaultManager);

/**
 * Disconnects all pools and all connections of the default manager, which can be used again. With `drain`, what is
 * under way may take that long, as with `manager.disconnectAll()`. Resolves when all sockets are closed; never rejects.
 *
 * @example
 * ```ts
 * import { disconnectAll } from 'connman';
 *
 * process.once('SIGTERM', () => {
 *   void disconnectAll({ drain: 5_000, grace: 500 }).then(() => console.log('all closed'));
 * });
 * ```
 */
export const disconnectAll: ConnectionManager['disconnectAll'] =
  defaultManager.disconnectAll.bind(defaultManager);
