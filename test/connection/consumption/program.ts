import {
  constant,
  type Connection,
  type ConnectionManager,
  type ConnectionOptions,
  type Handler,
  type ManagedSocket,
  type Reset,
} from '../../../src/index.js';
import type { Endpoint } from '../../../src/primitives/endpoint.js';
import { listenerCounts } from '../../model/listeners.js';
import { Life } from './life.js';
import type { Mode, Reader } from './modes.js';
import type { Plan } from './plan.js';

/** A program that reads its connection in one way, life by life, writes in each, and tries to write in between. */
export class Program {
  readonly lives: Life[] = [];
  readonly readers: Reader[] = [];
  readonly resets: Reset[] = [];
  readonly connection: Connection;
  /** How many listeners there were when a life had begun. */
  readonly listeners: Record<string, number>[] = [];
  /** What went wrong where nobody can be told at once. */
  readonly wrong: string[] = [];
  readonly #mode: Mode;
  readonly #plans: readonly Plan[];

  constructor(
    manager: ConnectionManager,
    endpoint: Endpoint,
    mode: Mode,
    plans: readonly Plan[],
    options: ConnectionOptions,
  ) {
    this.#mode = mode;
    this.#plans = plans;
    const present = (): Life => this.#present();
    const all = { ...options, ...mode.options?.(present), backoff: constant(0) };
    this.connection = manager.connect(endpoint, this.#handler(), all);
    // Over TLS it would be a listener of the first socket only, and turns of the event loop pass while TLS begins.
    if (!options.tls) this.connection.socket.on('connectionAttempt', () => this.#writeInVain());
  }

  /** Ends the present life as planned, where that is for the program to do. */
  end({ ending, isHeld }: Plan): void {
    const { socket } = this.connection;
    if (ending === 'reset') this.connection.reset();
    // Who does not read does not notice that the peer has answered.
    else if (ending === 'disconnect') void socket.disconnect(isHeld ? { grace: 1 } : undefined);
    else if (ending === 'destroy' || ending === 'destroySoon' || ending === 'resetAndDestroy')
      socket[ending]();
    else if (ending === 'end') socket.end();
  }

  /** The life that is going on, to be read from. */
  #present(): Life {
    const life = this.lives.at(-1);
    if (!life) throw new Error('BUG: read before the first life');
    if (this.resets.length >= this.lives.length) this.wrong.push(`read after life ${life.plan.life}`);
    return life;
  }

  #handler(): Handler {
    const begin = (socket: ManagedSocket): void => this.#begin(socket);
    const handler = {
      onConnect: begin,
      onReconnect: begin,
      onReset: (reset: Reset) => this.#reset(reset),
      onError: (error: unknown, where: string) => void this.wrong.push(`${where}: ${String(error)}`),
    };
    if (!this.#mode.isOnData) return handler;
    const onData = (chunk: Buffer): void => {
      if (!this.#present().take(chunk)) this.connection.socket.pause();
    };
    return { ...handler, onData };
  }

  #begin(socket: ManagedSocket): void {
    const plan = this.#plans[this.lives.length];
    if (!plan) {
      this.wrong.push('one life too many');
      return;
    }
    this.lives.push(new Life(plan, () => this.end(plan)));
    const { encoding } = this.#mode;
    if (encoding !== undefined && socket.readableEncoding === null) socket.setEncoding(encoding);
    this.readers.push(this.#mode.begin(socket, () => this.#present()));
    const { written } = plan;
    const third = Math.ceil(written.length / 3);
    // Several, as a program sends a head and a body.
    for (const piece of [0, third, 2 * third]) socket.write(written.subarray(piece, piece + third));
    this.listeners.push(listenerCounts(socket));
  }

  #reset(reset: Reset): void {
    this.resets.push(reset);
    this.readers.at(-1)?.leave?.();
    this.#writeInVain();
    this.#writeUntilLife(reset.life + 1);
  }

  /** Writes in every turn of the event loop until a life begins, whatever is going on meanwhile. */
  #writeUntilLife(next: number): void {
    setImmediate(() => {
      if (this.lives.length >= next || this.connection.state === 'closed') return;
      this.#writeInVain();
      this.#writeUntilLife(next);
    });
  }

  #writeInVain(): void {
    const { socket, state } = this.connection;
    if (socket.write(`<down after ${this.lives.length}>`))
      this.wrong.push(`a write was taken while ${state}`);
  }
}
