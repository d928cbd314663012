import type { SocketConnectOpts } from 'node:net';
import type { SocketOwner } from '../socket/socket-owner.js';
import type { DialProgress } from '../socket/link.js';
import type { ManagedSocket } from '../socket/managed-socket.js';
import { PreludeRun } from '../socket/prelude-run.js';
import type { Transport, TransportLink } from '../socket/transport.js';
import { ownOptions, socketNames } from '../../primitives/own-options.js';
import { toError } from '../../primitives/to-error.js';
import { readAsked, type AskedTls, type TlsSource } from './asked.js';
import type { ResolvedTls } from './options.js';
import { RawSocket } from './raw-socket.js';
import { TlsTransport, type SocketOptions, type TlsSettings } from './tls-transport.js';

/** One dial. */
interface Stage {
  readonly link: TransportLink;
  readonly dial: DialProgress;
  readonly to: SocketConnectOpts;
  /** Stands for the socket of the life until that is made: whoever destroys it ends the dial. */
  readonly standIn: ManagedSocket;
  raw: RawSocket | undefined;
}

/** How the options of TLS come about, and what comes before the handshake. */
export interface Staging {
  /** Gives the options of the next dial, where they are not fixed. */
  readonly source: TlsSource | undefined;
  readonly hasPrelude: boolean;
}

/**
 * Dials over TLS in stages: asks for the options, connects over TCP, runs the prelude, and then shakes hands. Meanwhile those who
 * hold the socket of the connection have one that is not connected, and never will be.
 */
export class StagedTransport implements Transport {
  readonly #settings: TlsSettings & { tls: ResolvedTls };
  readonly #tls: TlsTransport;
  readonly #staging: Staging;
  #stage: Stage | undefined;
  #asked: AskedTls | undefined;

  constructor(settings: TlsSettings, staging: Staging) {
    this.#settings = { ...settings };
    this.#tls = new TlsTransport(this.#settings);
    this.#staging = staging;
  }

  prepare(link: SocketOwner): void {
    this.#tls.prepare(link);
  }

  dial(
    link: TransportLink,
    present: ManagedSocket | undefined,
    to: SocketConnectOpts,
    dial: DialProgress,
  ): void {
    if (!present || present.destroyed) this.#tls.prepare(link);
    const stage: Stage = { link, dial, to, standIn: link.current, raw: undefined };
    this.#stage = stage;
    if (this.#staging.source) void this.#ask(stage, this.#staging.source);
    else this.#connect(stage);
  }

  async #ask(stage: Stage, source: TlsSource): Promise<void> {
    try {
      const asked = await stage.dial.ask(source, (answer) => readAsked(answer, this.#asked));
      if (!this.#isPresent(stage)) return;
      // A session would show the certificate that it was made with, and was verified by the authorities of then.
      if (asked !== this.#asked) this.#tls.forgetSessions();
      this.#asked = asked;
      this.#settings.tls = asked.tls;
      if (this.#staging.hasPrelude) this.#connect(stage);
      else this.#secure(stage);
    } catch (error) {
      if (this.#isPresent(stage)) stage.standIn.destroy(toError(error));
    }
  }

  #connect(stage: Stage): void {
    const { link, standIn, to } = stage;
    const settings = { ...this.#settings.socket, highWaterMark: undefined, onread: undefined };
    const raw = new RawSocket(ownOptions(socketNames, settings as SocketOptions), link.isReferenced);
    stage.raw = raw;
    raw.once('connect', () => this.#connected(stage, raw));
    raw.once('close', () => {
      if (this.#isPresent(stage)) standIn.destroy(raw.errored ?? undefined);
    });
    raw.connect(to);
  }

  #connected(stage: Stage, raw: RawSocket): void {
    const { link, dial, standIn } = stage;
    link.opened(raw as unknown as ManagedSocket);
    if (raw.destroyed || !this.#isPresent(stage)) return;
    dial.phase = 'prelude';
    raw.run = new PreludeRun(raw, ({ error, rest }) => {
      if (!this.#isPresent(stage)) return;
      if (error) {
        standIn.destroy(error);
        return;
      }
      raw.run = undefined;
      for (const chunk of rest) raw.push(chunk);
      this.#secure(stage, raw);
    });
    raw.run.start((stream) => dial.runPrelude(stream));
  }

  /** From now on, the socket of the life is there, and speaks for itself. */
  #secure({ link, dial, to, standIn }: Stage, raw?: RawSocket): void {
    this.#stage = undefined;
    if (raw) dial.phase = 'tls';
    try {
      this.#tls.secure(link, to, dial, raw);
    } catch (error) {
      raw?.destroy();
      standIn.destroy(toError(error));
      return;
    }
    link.replaced(standIn);
  }

  #isPresent(stage: Stage): boolean {
    return stage === this.#stage && !stage.standIn.destroyed;
  }

  opened(): void {
    // With a prelude, TLS begins after it.
    if (!this.#stage) this.#tls.opened();
  }

  connected(): void {
    this.#tls.connected();
  }

  session(socket: ManagedSocket, session: Buffer): void {
    this.#tls.session(socket, session);
  }

  failed(socket: ManagedSocket): void {
    const stage = this.#stage;
    this.#stage = undefined;
    if (!stage) {
      this.#tls.failed(socket);
      return;
    }
    stage.raw?.run?.lost(socket.errored ?? new Error('the dial was given up'));
    stage.raw?.destroy();
  }

  referenced(isReferenced: boolean): void {
    this.#stage?.raw?.reference(isReferenced);
  }
}
