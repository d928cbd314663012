import { isIP, type IpcSocketConnectOpts, type TcpSocketConnectOpts } from 'node:net';
import type { DetailedPeerCertificate } from 'node:tls';
import { parseTimeOfDay, timeOfDay } from '../../primitives/time.js';
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

/** When the first certificate of a chain expires, in milliseconds since 1970; NaN where there is no certificate. */
export function firstExpiry(leaf: Partial<DetailedPeerCertificate>): number {
  let first = Infinity;
  let each: Partial<DetailedPeerCertificate> | undefined = leaf;
  while (each) {
    first = Math.min(first, parseTimeOfDay(each.valid_to ?? ''));
    // A root is its own issuer.
    each = each.issuerCertificate === each ? undefined : each.issuerCertificate;
  }
  return first;
}

interface KeptSession {
  readonly session: Buffer;
  /** In milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * The sessions of one connection, each for one peer under one name: Node.js 20 does not check the name again when a
 * session is resumed, so none may serve under another name. Nor does it check the certificate: a session ends with that.
 */
export class TlsSessions {
  readonly #sessions: Map<string, KeptSession> = new Map();

  /** The key of a session. It does not name the secure context, which is the same for the whole connection. */
  static key(tls: ResolvedTls, options: Partial<TcpSocketConnectOpts & IpcSocketConnectOpts>): string {
    const where = options.path === undefined ? [options.host, options.port] : [options.path];
    return JSON.stringify([...where, serverName(tls, options).servername, tls.ALPNProtocols]);
  }

  /** `now` is in milliseconds since 1970. */
  get(key: string, now: number = timeOfDay()): { session?: Buffer } {
    const kept = this.#sessions.get(key);
    if (!kept) return {};
    if (now < kept.expiresAt) return { session: kept.session };
    this.#sessions.delete(key);
    return {};
  }

  /** When the certificates expire that the session was made with; NaN where there is none. */
  expiryOf(key: string): number {
    return this.#sessions.get(key)?.expiresAt ?? NaN;
  }

  /** Keeps a session in the place of an earlier one, unless it is unknown when its certificates expire. */
  keep(key: string, session: Buffer, expiresAt: number): void {
    if (Number.isNaN(expiresAt)) this.#sessions.delete(key);
    else this.#sessions.set(key, { session, expiresAt });
  }

  /** The handshake that offered the session has failed, so the next one does not offer it. */
  drop(key: string): void {
    this.#sessions.delete(key);
  }
}
