import type { SocketConnectOpts, SocketConstructorOpts } from 'node:net';
import { inPlace, InPlaceSocket } from '../../src/connection/socket/in-place-socket.js';
import type {
  DialProgress,
  Link,
  LinkClosed,
  LinkObserver,
  LinkSettings,
} from '../../src/connection/socket/link.js';
import { SocketLink } from '../../src/connection/socket/socket-link.js';
import type { ManagedSocket } from '../../src/connection/socket/managed-socket.js';
import { until } from './fixtures.js';

/** A socket that is connected again in place, without a connection above it: the test dials, life by life. */
export class SocketProbe {
  readonly link: Link;
  readonly socket: ManagedSocket;
  readonly losses: Readonly<LinkClosed>[] = [];
  readonly input: string[] = [];
  lives = 0;
  dials = 0;

  constructor(
    options: SocketConstructorOpts & Record<string, unknown> = {},
    readsForOwner = false,
    settings: LinkSettings = { maxBuffered: Infinity, autoCork: true, keepsListeners: true },
  ) {
    const link = new SocketLink<SocketProbe>(inPlace, settings, this, SocketProbe.#observer);
    this.link = link;
    this.socket = new InPlaceSocket(options, link, readsForOwner);
  }

  /** One dial; resolves when it is up or has failed. */
  async dial(options: SocketConnectOpts): Promise<void> {
    const { lives } = this;
    this.begin(options);
    await until(() => this.lives > lives || this.losses.length === this.dials);
  }

  /** One dial, without waiting for it. */
  begin(options: SocketConnectOpts): void {
    this.dials += 1;
    this.link.dial(options, { phase: 'connect' } as DialProgress);
  }

  /** Resolves when the present dial, or the life it led to, is over. */
  async closed(): Promise<Readonly<LinkClosed>> {
    await until(() => this.losses.length === this.dials);
    return this.losses.at(-1) as Readonly<LinkClosed>;
  }

  static readonly #observer: LinkObserver<SocketProbe> = {
    connected: (probe) => {
      probe.lives += 1;
      probe.input.push('');
    },
    data: (probe, chunk) => {
      probe.input[probe.lives - 1] += chunk.toString('latin1');
    },
    hearsDrain: () => false,
    drained: () => undefined,
    refused: () => undefined,
    halfClosed: () => undefined,
    overflowed: () => undefined,
    closed: (probe, closed) => probe.losses.push(closed),
    referenced: () => undefined,
    disconnect: () => Promise.resolve(),
  };
}

/** What `fn` answers, as a promise that settles with the arguments of its callback. */
export function outcome(
  fn: (callback: (error?: Error | null) => void) => void,
): Promise<Error | null | undefined> {
  return new Promise((resolve) => fn((error) => resolve(error)));
}
