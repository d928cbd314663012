import { isIP } from 'node:net';
import type { DetailedPeerCertificate } from 'node:tls';
import { parseTarget, type Endpoint } from '../../primitives/endpoint.js';
import { parseTimeOfDay, timeOfDay } from '../../primitives/time.js';
import type { ResolvedTls } from './options.js';

/** The host that a certificate is for, unless another name is given: that of the target, or else of the endpoint. */
export function nameToVerify({ host, target }: Endpoint): string | undefined {
  return (target === undefined ? undefined : parseTarget(target)?.host) ?? host;
}

/** The server name to ask for and to verify: the one given, or else the host. An IP address and a Unix socket have none. */
export function serverName(
  { servername }: ResolvedTls,
  endpoint: Endpoint,
): { servername?: string | undefined } {
  const given = servername ?? endpoint.servername;
  if (given !== undefined) return { servername: given };
  const host = nameToVerify(endpoint);
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
  /** Whether the link was lost in a handshake that has offered it. */
  readonly isDoubted?: boolean;
}

/**
 * The sessions of one connection, each for one peer under one name: Node.js 20 does not check the name again when a
 * session is resumed, so none may serve under another name. Nor does it check the certificate: a session ends with that.
 */
export class TlsSessions {
  readonly #sessions: Map<string, KeptSession> = new Map();

  /** The key of a session. It does not name the secure context: with another one, there are no sessions yet. */
  static key(tls: ResolvedTls, endpoint: Endpoint): string {
    const { host, port, path, target } = endpoint;
    const where = path === undefined ? [host, port] : [path];
    return JSON.stringify([...where, target, serverName(tls, endpoint).servername, tls.ALPNProtocols]);
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

  /** Dials are made with other options from now on. */
  clear(): void {
    this.#sessions.clear();
  }

  /** A handshake has gone well. */
  trust(key: string): void {
    const kept = this.#sessions.get(key);
    if (kept?.isDoubted) this.#sessions.set(key, { ...kept, isDoubted: false });
  }

  /**
   * The handshake that offered the session has failed, so the next one does not offer it. Where the link was lost, that was
   * hardly due to the session: it has another try.
   */
  drop(key: string, wasLost: boolean = false): void {
    const kept = this.#sessions.get(key);
    if (kept && wasLost && !kept.isDoubted) this.#sessions.set(key, { ...kept, isDoubted: true });
    else this.#sessions.delete(key);
  }
}
