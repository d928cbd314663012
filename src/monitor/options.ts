import { isAbsolute } from 'node:path';
import { isIP } from 'node:net';
import type { ConnectionManager } from '../index.js';
import {
  check,
  hostName,
  integerFrom,
  isObject,
  readOptions,
  socketPath,
  type Check,
} from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';

/** Options of {@link startMonitor}. An option that is `undefined` counts as absent. */
export interface MonitorOptions {
  /**
   * Whose connections are shown.
   * @default that of `connect()` and `createPool()`
   */
  manager?: ConnectionManager | undefined;
  /**
   * Where to listen: a host name or an IP address. Another one than that of this machine itself (`127.0.0.1`, `::1`, `localhost`)
   * needs a `token`.
   * @default '127.0.0.1'
   */
  host?: string | undefined;
  /**
   * The port, from 0 to 65 535; 0 takes a free one.
   * @default 0
   */
  port?: number | undefined;
  /**
   * Instead of host and port, the absolute path of a Unix socket, which only the user of this process may connect to. A folder that
   * does not exist is made, for this user alone (mode 0700). Not on Windows.
   * @default none
   */
  path?: string | undefined;
  /**
   * A secret of 16 to 256 letters, digits, `-`, `_`, `.` or `~`. Who looks has to say it once, as `?token=…` in the address, or in each
   * request as `Authorization: Bearer …`.
   * @default none
   */
  token?: string | undefined;
}

/** {@link MonitorOptions}, checked. */
export interface Settings {
  readonly manager: ConnectionManager | undefined;
  readonly host: string;
  readonly port: number;
  readonly path: string | undefined;
  readonly token: string | undefined;
}

const manager: Check = check(
  'a ConnectionManager',
  (value) => isObject(value) && 'pools' in value && 'connections' in value && 'getPool' in value,
);

const path: Check = (name, value) => {
  socketPath(name, value);
  const isFile = process.platform !== 'win32' && isAbsolute(value as string);
  if (!isFile) throw new OptionError(name, 'an absolute path, and not on Windows', value);
};

const token: Check = check(
  'a secret of 16 to 256 letters, digits, "-", "_", "." or "~"',
  (value) => typeof value === 'string' && /^[\w.~-]{16,256}$/.test(value),
);

const checks: Readonly<Record<keyof MonitorOptions, Check>> = {
  manager,
  host: hostName,
  port: integerFrom(0, 65_535),
  path,
  token,
};

/** Checks and completes the options. */
export function readMonitorOptions(given: unknown): Settings {
  const options = readOptions<MonitorOptions>('options', given, checks);
  const { host = '127.0.0.1', port = 0 } = options;
  const isPath = options.path !== undefined;
  if (isPath && (options.host !== undefined || options.port !== undefined))
    throw new OptionError('options', 'either host and port or path', options);
  if (!isPath && !isLoopback(host) && options.token === undefined)
    throw new OptionError(
      'options.token',
      `a token, as ${host} may be reached from other machines`,
      undefined,
    );
  return Object.freeze({ manager: options.manager, host, port, path: options.path, token: options.token });
}

/** Whether a host is this machine, and cannot be reached from another one. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === '::1' || name === 'localhost';
}
