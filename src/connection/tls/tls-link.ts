import type {
  IpcSocketConnectOpts,
  Socket,
  SocketConnectOpts,
  SocketConstructorOpts,
  TcpSocketConnectOpts,
} from 'node:net';
import { connect, TLSSocket } from 'node:tls';
import type { Dial } from '../dial.js';
import type { ManagedSocket } from '../handler.js';
import type { Link, LinkObserver } from '../socket/link.js';
import { ownOptions, tlsNames } from '../../primitives/own-options.js';
import { TlsLife, type TlsLifeObserver, type TlsLifeSettings } from './tls-life.js';
import type { ResolvedTls } from './options.js';
import { serverName, TlsSessions } from './sessions.js';

type SocketOptions = SocketConstructorOpts &
  Pick<TcpSocketConnectOpts, 'onread' | 'noDelay' | 'keepAlive' | 'keepAliveInitialDelay'>;

/** What a TLS link is made with, beside what its lives are. */
export interface TlsLinkSettings extends TlsLifeSettings {
  readonly tls: ResolvedTls;
  readonly socket: Readonly<SocketOptions>;
  /** As the option of that name. */
  readonly timeout: number;
}

/** What a socket was made for: nothing, before the first dial. */
interface Dialled {
  readonly port?: number | undefined;
  readonly dial?: Dial;
  /** What its session is kept by. */
  readonly key?: string;
}

/**
 * The sockets of a connection over TLS: a new one for each dial, since a `TLSSocket` that is connected again speaks in
 * plain text.
 */
export class TlsLink<Owner> implements Link {
  readonly #settings: TlsLinkSettings;
  readonly #owner: Owner;
  readonly #observer: LinkObserver<Owner>;
  readonly #sessions: TlsSessions = new TlsSessions();
  #isReferenced = true;
  #life: TlsLife | undefined;

  constructor(settings: TlsLinkSettings, owner: Owner, observer: LinkObserver<Owner>) {
    this.#settings = settings;
    this.#owner = owner;
    this.#observer = observer;
  }

  get current(): ManagedSocket {
    this.#life ??= this.#idle();
    return this.#life.socket;
  }

  get isReferenced(): boolean {
    return this.#isReferenced;
  }

  get takesWrites(): boolean {
    return this.#life?.takesWrites === true;
  }

  get isHalfClosed(): boolean {
    return this.#life?.endedBy !== undefined;
  }

  dial(options: SocketConnectOpts, dial: Dial): void {
    const { tls, socket: settings, timeout } = this.#settings;
    const { allowHalfOpen, highWaterMark, onread } = settings as SocketOptions & { highWaterMark?: number };
    const to = options as Partial<TcpSocketConnectOpts & IpcSocketConnectOpts>;
    const key = TlsSessions.key(tls, to);
    const socket = connect(
      ownOptions(tlsNames, {
        ...options,
        ...(allowHalfOpen !== undefined && { allowHalfOpen }),
        ...(highWaterMark !== undefined && { highWaterMark }),
        ...(onread && { onread }),
        ...tls,
        ...serverName(tls, to),
        ...this.#sessions.get(key),
      }),
    );
    if (settings.noDelay) socket.setNoDelay(true);
    if (settings.keepAlive) socket.setKeepAlive(true, settings.keepAliveInitialDelay);
    if (timeout > 0) socket.setTimeout(timeout);
    if (!this.#isReferenced) socket.unref();
    const { port } = to;
    const unused = this.#life;
    this.#life = this.#begin(socket, { port, dial, key });
    // What there was before the first dial is not closed yet.
    unused?.socket.destroy();
  }

  readOn(): void {
    this.#life?.readOn();
  }

  refuseWrites(): void {
    this.#life?.refuseWrites();
  }

  announceDrain(): void {
    this.#life?.announceDrain();
  }

  /** What there is before the first dial: a socket that is not connected, and never will be. */
  #idle(): TlsLife {
    const { secureContext } = this.#settings.tls;
    return this.#begin(new TLSSocket(undefined as never, secureContext ? { secureContext } : {}));
  }

  #begin(socket: TLSSocket, dialled: Dialled = {}): TlsLife {
    return new TlsLife(socket, this.#settings, this.#observe(dialled, socket));
  }

  #observe({ port, dial, key }: Dialled, socket: Socket): TlsLifeObserver {
    const [owner, observer] = [this.#owner, this.#observer];
    return {
      port,
      isReferenced: () => this.#isReferenced,
      securing: () => {
        if (dial) dial.phase = 'tls';
      },
      connected: () => observer.connected(owner),
      session: (session) => key !== undefined && this.#sessions.keep(key, session),
      data: (chunk) => observer.data(owner, chunk),
      halfClosed: () => observer.halfClosed(owner),
      overflowed: () => observer.overflowed(owner),
      closed: (loss, wasUp) => {
        if (key !== undefined && !wasUp && dial?.phase === 'tls') this.#sessions.drop(key);
        if (this.#life?.socket === socket) observer.closed(owner, loss);
      },
      reference: (isReferenced) => {
        this.#isReferenced = isReferenced;
        observer.referenced(owner);
      },
      disconnect: (options) => observer.disconnect(owner, options),
    };
  }
}
