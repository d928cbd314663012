import { expect } from 'vitest';
import type { ManagedSocket, ResetCode } from '../../../src/index.js';
import {
  end,
  greet,
  halfOpen,
  reset,
  silent,
  type Fault,
  type FaultServer,
  type ServerConnection,
} from '../../../src/testing/index.js';
import { nextTurn } from '../../support/fixtures.js';
import { turns } from '../../support/repeat.js';
import { expectPart, type Life } from './life.js';
import type { Mode } from './modes.js';
import type { Ending, Plan } from './plan.js';
import type { Program } from './program.js';

/** Longer than anything takes, in milliseconds, and shorter than a test may. */
const patience = 10_000;

/** What an end may be told as: a RST behind bytes can look like a FIN, and on a Unix socket always does. */
const codes: Readonly<Record<Ending, readonly ResetCode[]>> = {
  fin: ['remote-end'],
  'fin at once': ['remote-end'],
  rst: ['error', 'remote-end'],
  'rst at once': ['error', 'remote-end'],
  end: ['local-end'],
  destroySoon: ['local-end'],
  destroy: ['local-end'],
  resetAndDestroy: ['local-end'],
  reset: ['requested'],
  disconnect: ['disconnect'],
};

/** The ends at which all has been read that the server has sent. */
const complete: ReadonlySet<Ending> = new Set(['fin', 'fin at once', 'end', 'disconnect']);
/** The ends at which all has been sent that the program has written. */
const flushed: ReadonlySet<Ending> = new Set([...complete, 'destroySoon']);

/** How the server treats the connection of a life, to begin with. */
export function script(plan: Plan | undefined): Fault[] {
  if (!plan) return [];
  const { first, rest, ending, isInside } = plan;
  const all = greet(Buffer.concat([first, rest]));
  if (ending === 'fin at once') return [all, silent(), end()];
  if (ending === 'rst at once') return [all, silent(), reset()];
  return [isInside ? all : greet(first), silent(), halfOpen()];
}

/** One life, from its beginning to its end. */
export class Course {
  readonly #hasReset: boolean;
  readonly #mode: Mode;
  readonly #server: FaultServer;
  readonly #program: Program;
  readonly #plan: Plan;
  readonly #isReading: boolean;
  readonly #isHeld: boolean;

  constructor(mode: Mode, server: FaultServer, program: Program, plan: Plan) {
    this.#hasReset = server.endpoint.path === undefined;
    this.#mode = mode;
    this.#server = server;
    this.#program = program;
    this.#plan = plan;
    this.#isReading = mode.isReading !== false;
    this.#isHeld = this.#isReading && plan.isHeld;
  }

  async run(): Promise<void> {
    const { life, ending } = this.#plan;
    await this.#until(() => this.#program.lives.length >= life);
    const peer = await this.#server.accept(life);
    if (!(this.#plan.isInside && this.#isReading) && !ending.endsWith('at once')) await this.#end(peer);
    await this.#until(() => this.#program.resets.length >= life);
    expect(codes[ending], `the end of life ${life} by ${ending}`).toContain(
      this.#program.resets[life - 1]?.code,
    );
    await this.#program.readers[life - 1]?.over;
    await this.#until(() => peer.ended || !peer.open);
    if (peer.open) peer.reset();
    await peer.closed;
    this.#check(peer);
  }

  async #end(peer: ServerConnection): Promise<void> {
    const { rest, ending, lastWords, isInside } = this.#plan;
    if (this.#isHeld) await this.#until(() => this.#present.isStopped);
    if (!isInside) peer.write(rest);
    if (!this.#isHeld) await this.#untilRead();
    else if (this.#mode.readsAhead > 0)
      await this.#until(() => this.#socket.bytesRead > this.#plan.first.length);
    if (ending === 'fin') await this.#finish(peer);
    else if (ending === 'rst') await this.#reset(peer);
    else this.#program.end(this.#plan);
    if (this.#isHeld || (ending !== 'end' && ending !== 'disconnect')) return;
    await this.#until(() => peer.ended);
    peer.write(lastWords);
    peer.end();
  }

  async #finish(peer: ServerConnection): Promise<void> {
    peer.end();
    if (!this.#isHeld) return;
    await turns(5);
    expect(this.#program.resets, 'a life ended although bytes are unread').toHaveLength(this.#plan.life - 1);
    this.#goOn();
  }

  async #reset(peer: ServerConnection): Promise<void> {
    peer.reset();
    const isNoticed = this.#hasReset && this.#plan.rest.length <= this.#mode.readsAhead;
    if (!this.#isHeld || isNoticed) return;
    await turns(5);
    this.#goOn();
  }

  #goOn(): void {
    this.#present.isStopped = false;
    this.#program.readers[this.#plan.life - 1]?.goOn();
  }

  /** All that the server has sent is with Node.js, and handed on, but for those who read turn by turn. */
  #untilRead(): Promise<void> {
    const { first, rest } = this.#plan;
    return this.#until(() => this.#socket.bytesRead === first.length + rest.length);
  }

  /** What would read on, if that were to read anything, and whatever is to come. */
  async expectSilence(): Promise<void> {
    const { count } = this.#present;
    this.#goOn();
    await turns(5);
    expect(this.#present.count).toBe(count);
  }

  #check(peer: ServerConnection): void {
    const { first, rest, lastWords, written, ending, life } = this.#plan;
    const all = [first, rest, ...(ending === 'end' || ending === 'disconnect' ? [lastWords] : [])];
    const isShort = this.#isHeld && ending === 'disconnect';
    if (this.#isReading) {
      const isAll = complete.has(ending) && !isShort;
      this.#present.expectRead(Buffer.concat(all), this.#mode.encoding, isAll);
    } else {
      expect(this.#present.count).toBe(0);
    }
    expectPart(`received in life ${life}`, peer.receivedBytes(), written, flushed.has(ending) && !isShort);
  }

  /** Fails, and says in which life, when the condition does not hold in time. */
  async #until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + patience;
    while (!condition()) {
      const { life, ending, isHeld, isInside } = this.#plan;
      if (performance.now() < deadline) await nextTurn();
      else
        expect.fail(
          `life ${life} (${JSON.stringify({ ending, isHeld, isInside })}): ${condition.toString()}`,
        );
    }
  }

  get #present(): Life {
    return this.#program.lives[this.#plan.life - 1] ?? expect.fail('no such life');
  }

  get #socket(): ManagedSocket {
    return this.#program.connection.socket;
  }
}
