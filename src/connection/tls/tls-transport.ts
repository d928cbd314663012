import type { OnReadOpts, Socket, SocketConnectOpts, TcpSocketConnectOpts } from 'node:net';
import type { SocketConstructorOpts } from 'node:net';
import { connect, TLSSocket } from 'node:tls';
import { ownOptions, tlsNames } from '../../primitives/own-options.js';
import type { DialProgress } from '../socket/link.js';
import type { ManagedSocket } from '../socket/managed-socket.js';
import type { SocketOwner } from '../socket/socket-owner.js';
import { feedOnread } from '../socket/onread.js';
import type { Transport } from '../socket/transport.js';
import type { ResolvedTls } from './options.js';
import { guardIdentityCheck } from './callbacks.js';
import { retellOcsp } from './ocsp.js';
import { firstExpiry, nameToVerify, serverName, TlsSessions } from './sessions.js';
import { ManagedTlsSocket } from './tls-socket.js';

export type SocketOptions = SocketConstructorOpts &
  Pick<TcpSocketConnectOpts, 'onread' | 'noDelay' | 'keepAlive' | 'keepAliveInitialDelay'>;

/** What the sockets of a connection over TLS are made with. */
export interface TlsSettings {
  readonly tls: ResolvedTls;
  readonly socket: Readonly<SocketOptions>;
  /** As the option of that name. */
  readonly timeout: number;
  /** Whether the owner of the link gets every chunk. */
  readonly readsForOwner: boolean;
}

/**
 * Makes a new socket for each dial of one connection, since a `TLSSocket` that is connected again speaks in plain text.
 *
 * So these differences from TCP stay. What the application sets on a socket (listeners, a timer, an encoding) goes with that
 * socket, except for a pause before the first life and for `unref()`. A write that was refused on a socket is followed
 * by `'drain'` on the present socket only, once that is up. `'connect'` tells that TCP is up, as Node.js has it. And Node.js cannot
 * reset a TLS link, so `resetAndDestroy()` destroys the socket.
 */
export class TlsTransport implements Transport {
  readonly #settings: TlsSettings;
  readonly #sessions: TlsSessions = new TlsSessions();
  /** The present dial, until the life it has led to has brought a session. */
  #dial: DialProgress | undefined;
  /** What the session of the present dial is kept by. */
  #key = '';

  constructor(settings: TlsSettings) {
    this.#settings = settings;
  }

  /** A socket that is not connected, and never will be. */
  prepare(link: SocketOwner): void {
    const { secureContext } = this.#settings.tls;
    this.#adopt(new TLSSocket(undefined as never, secureContext ? { secureContext } : {}), link);
  }

  dial(link: SocketOwner, _present: unknown, options: SocketConnectOpts, dial: DialProgress): void {
    this.secure(link, options, dial);
  }

  /** Dials with a new socket, over the given one if TCP is up already. */
  secure(link: SocketOwner, options: SocketConnectOpts, dial: DialProgress, over?: Socket): void {
    const { tls, socket: settings, timeout } = this.#settings;
    const { allowHalfOpen, highWaterMark, onread } = settings as SocketOptions & { highWaterMark?: number };
    const { endpoint } = dial;
    this.#key = TlsSessions.key(tls, endpoint);
    this.#dial = dial;
    const { checkServerIdentity } = tls;
    const to = over ? { socket: over, host: nameToVerify(endpoint) } : options;
    const socket: TLSSocket = connect(
      ownOptions(tlsNames, {
        ...to,
        ...(allowHalfOpen !== undefined && { allowHalfOpen }),
        ...(highWaterMark !== undefined && { highWaterMark }),
        ...(onread && { onread }),
        ...tls,
        ...(checkServerIdentity && {
          checkServerIdentity: guardIdentityCheck(checkServerIdentity, (error) => socket.destroy(error)),
        }),
        ...serverName(tls, endpoint),
        ...this.#sessions.get(this.#key),
      } as SocketConnectOpts & { socket?: Socket }),
    );
    if (settings.noDelay) socket.setNoDelay(true);
    if (settings.keepAlive) socket.setKeepAlive(true, settings.keepAliveInitialDelay);
    if (timeout > 0) socket.setTimeout(timeout);
    const managed = this.#adopt(socket, link);
    if (tls.requestOCSP) retellOcsp(socket);
    // Node.js reads into a buffer of one's own only where it dials itself.
    if (over && onread) feed(managed, onread);
  }

  #adopt(socket: TLSSocket, link: SocketOwner): ManagedSocket {
    return new ManagedTlsSocket(socket, link, this.#settings.readsForOwner);
  }

  opened(): void {
    if (this.#dial) this.#dial.phase = 'tls';
  }

  session(socket: ManagedSocket, session: Buffer): void {
    const secure = socket as unknown as TLSSocket;
    // Node.js does not check a certificate, or ask the application, when a session is resumed.
    if (!secure.authorized || this.#settings.tls.checkServerIdentity) return;
    // Only a full handshake brings certificates; they take a third of a millisecond to read.
    const isFirst = this.#dial !== undefined && !secure.isSessionReused();
    this.#dial = undefined;
    const expiresAt = isFirst
      ? firstExpiry(secure.getPeerCertificate(true))
      : this.#sessions.expiryOf(this.#key);
    this.#sessions.keep(this.#key, session, expiresAt);
  }

  connected(): void {
    this.#sessions.trust(this.#key);
  }

  failed({ errored }: ManagedSocket): void {
    const wasLost = (errored as NodeJS.ErrnoException | null)?.code === 'ECONNRESET';
    if (this.#dial?.phase === 'tls') this.#sessions.drop(this.#key, wasLost);
  }

  /** Dials are made with other options from now on, which the sessions were not made with. */
  forgetSessions(): void {
    this.#sessions.clear();
  }
}

function feed(socket: ManagedSocket, onread: OnReadOpts): void {
  socket.on('data', (chunk: Buffer) => feedOnread(socket, onread, chunk));
}
