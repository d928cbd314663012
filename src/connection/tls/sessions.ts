import { isIP, type IpcSocketConnectOpts, type TcpSocketConnectOpts } from 'node:net';
import type { ResolvedTls } from './options.js';

/** The server name to ask for and to verify: the option, or else the host. An IP address and a Unix socket have none. */
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

  /** The key of a session. It does not name the secure context, which is the same for the whole connection. */
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

  /** The handshake that offered the session has failed, so the next one does not offer it. */
  drop(key: string): void {
    this.#sessions.delete(key);
  }
}
