import { isIP, type IpcSocketConnectOpts, type TcpSocketConnectOpts } from 'node:net';
import type { ResolvedTls } from './options.js';

/**
 * The name to ask for and to verify: the one given, or else the host's. None for an IP address, which is no name, nor for
 * a Unix socket.
 */
export function serverName(
  { servername }: ResolvedTls,
  options: Partial<TcpSocketConnectOpts & IpcSocketConnectOpts>,
): { servername?: string | undefined } {
  if (servername !== undefined) return { servername };
  const { host } = options;
  return host === undefined || isIP(host) !== 0 ? {} : { servername: host };
}

/**
 * The sessions of one connection, each for one peer under one name: Node.js 20 does not check the name again when a
 * session is resumed, so none may serve under another name.
 */
export class TlsSessions {
  readonly #sessions: Map<string, Buffer> = new Map();

  /** What a session is kept by. The secure context is the same for the whole connection. */
  static key(tls: ResolvedTls, options: Partial<TcpSocketConnectOpts & IpcSocketConnectOpts>): string {
    const where = options.path === undefined ? [options.host, options.port] : [options.path];
    return JSON.stringify([...where, serverName(tls, options).servername, tls.ALPNProtocols]);
  }

  get(key: string): { session?: Buffer } {
    const session = this.#sessions.get(key);
    return session ? { session } : {};
  }

  keep(key: string, session: Buffer): void {
    this.#sessions.set(key, session);
  }

  /** A handshake that offered it has failed: the next one is not to. */
  drop(key: string): void {
    this.#sessions.delete(key);
  }
}
