import { expect } from 'vitest';
import {
  constant,
  Requests,
  type Connection,
  type ConnectionManager,
  type Handler,
} from '../../src/index.js';
import { respond, type FaultServer, type ServerConnection } from '../../src/testing/index.js';
import { pass } from '../support/fake-time.js';
import { nextTurn } from '../support/fixtures.js';

/** How the requests of a run are matched, and bounded. */
export interface Setup {
  readonly isKeyed: boolean;
  readonly limit: number;
}

/** What a request is, and what its caller does when it is settled. */
export interface Plan {
  readonly timeout: number | undefined;
  readonly canAbort: boolean;
  readonly after: 'nothing' | 'send' | 'reset' | 'end' | 'abort all';
}

type Outcome = { readonly answer: string } | { readonly error: Error };

interface Sent {
  readonly id: number;
  readonly key: number | undefined;
  readonly life: number;
  readonly at: number;
  readonly timeout: number;
  readonly abort: AbortController | undefined;
  readonly wasFull: boolean;
  outcome: Outcome | undefined;
}

/** A request as it is at the server, unanswered. */
interface Arrived {
  readonly id: number;
  readonly key: number | undefined;
}

export const timeout = 100;
export const stall = 3 * timeout;
/** How much later than its time something may be seen: the steps of the clock, and the shortest pause of the timer. */
const tolerance = 30;
const plain: Plan = { timeout: undefined, canAbort: false, after: 'nothing' };

/** What has happened in all runs, by name. */
export class Counts {
  readonly #counts: Map<string, number> = new Map();

  add(what: string): void {
    this.#counts.set(what, this.of(what) + 1);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  get summary(): string {
    return [...this.#counts].map(([what, count]) => `${what} ${count}`).join(', ');
  }
}

/** One connection with requests, its server, and what the application knows of both. */
export class World implements Handler {
  readonly requests: Requests<string>;
  readonly connection: Connection<World>;
  readonly sent: Sent[] = [];
  readonly #setup: Setup;
  readonly #server: FaultServer;
  readonly #counts: Counts;
  readonly #arrived: Map<ServerConnection, Arrived[]> = new Map();
  readonly #seen: Set<number> = new Set();
  readonly #faults: string[] = [];
  #partialLine = '';
  #lateAnswers = 0;
  #answersInLife = 0;
  #sentInLife = 0;
  #isIdle = true;

  constructor(manager: ConnectionManager, server: FaultServer, setup: Setup, counts: Counts) {
    this.#setup = setup;
    this.#server = server;
    this.#counts = counts;
    this.requests = new Requests({ timeout, limit: setup.limit });
    server.script = () => respond((chunk, peer) => this.#arrive(chunk, peer));
    const options = { backoff: constant(0), stableAfter: 1 };
    this.connection = manager.connect(server.port, server.host, this as World, options);
    this.requests.attach(this.connection);
  }

  onConnect(): void {
    this.#partialLine = '';
  }

  onReset(): void {
    this.#counts.add('lives');
    [this.#answersInLife, this.#sentInLife] = [0, 0];
    if (this.requests.pending > 0) this.#faults.push('something is pending between lives');
    this.requests.resolve('of a life that is over', this.#setup.isKeyed ? 1 : undefined);
    this.#lateAnswers += 1;
  }

  onData(chunk: Buffer): void {
    const lines = (this.#partialLine + chunk.toString('latin1')).split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  send({ timeout: own, canAbort, after }: Plan = plain): void {
    const { connection, requests } = this;
    const id = this.sent.length;
    const key = this.#setup.isKeyed ? this.#freeKey() : undefined;
    const abort = canAbort ? new AbortController() : undefined;
    const before = requests.pending;
    const sent: Sent = {
      id,
      key,
      abort,
      life: connection.life,
      at: performance.now(),
      timeout: own ?? timeout,
      wasFull: before >= this.#setup.limit,
      outcome: undefined,
    };
    this.sent.push(sent);
    const options = { key, timeout: own, signal: abort?.signal };
    const promise = requests.send(`${key ?? ''}:${id}\n`, options);
    this.#sentInLife += requests.pending - before;
    const settle = (outcome: Outcome): void => this.#settled(sent, outcome, after);
    promise.then(
      (answer) => settle({ answer }),
      (error: Error) => settle({ error }),
    );
  }

  /** The server answers the oldest, or any, where they have keys. */
  answer(choice: number): void {
    const peer = this.#peer;
    const arrived = (peer && this.#arrived.get(peer)) ?? [];
    const [answered] = arrived.splice(this.#setup.isKeyed ? choice % (arrived.length || 1) : 0, 1);
    if (answered) peer?.write(`${answered.key ?? ''}:${answered.id}\n`);
  }

  abort(choice: number): void {
    const waiting = this.sent.filter(({ abort, outcome }) => abort && !outcome);
    waiting[choice % waiting.length]?.abort?.abort(new RangeError('aborted'));
  }

  drop(how: 'reset' | 'end'): void {
    this.#peer?.[how]();
  }

  async pass(milliseconds: number): Promise<void> {
    await pass(milliseconds, Math.max(5, milliseconds / 4));
  }

  async comeBack(): Promise<void> {
    const { connection } = this;
    for (let tries = 0; connection.state !== 'ready' && connection.state !== 'closed'; tries += 1) {
      if (tries === 500) throw new Error('the connection does not come back');
      // oxlint-disable-next-line no-await-in-loop
      await pass(20, 20);
    }
  }

  /** What holds at any moment. */
  async check(): Promise<void> {
    await nextTurn();
    const { requests, connection } = this;
    const pending = this.#setup.isKeyed
      ? this.sent.filter(({ outcome }) => !outcome).length
      : this.#sentInLife - this.#answersInLife;
    expect(requests.pending).toBe(pending);
    expect(requests.pending).toBeLessThanOrEqual(this.#setup.limit);
    if (this.#isIdle) {
      this.#isIdle = false;
      void requests.idle().then(() => (this.#isIdle = true));
      await Promise.resolve();
    }
    expect(this.#isIdle).toBe(requests.pending === 0);
    const kinds = this.sent.map(({ outcome }) => outcome && 'error' in outcome && outcome.error.name);
    const count = (name: string): number => kinds.filter((kind) => kind === name).length;
    expect(connection.stats().requests).toEqual({
      pending,
      lost: count('LifeEndedError'),
      timedOut: count('TimeoutError'),
      late: this.#lateAnswers,
    });
    expect(this.#faults).toEqual([]);
  }

  async finish(): Promise<void> {
    await this.connection.disconnect({ grace: 0 });
    await nextTurn();
    await this.check();
    expect(this.sent.filter(({ outcome }) => !outcome)).toEqual([]);
    for (const sent of this.sent) this.#judge(sent);
    expect(this.#faults).toEqual([]);
  }

  get #peer(): ServerConnection | undefined {
    return this.#server.connections.findLast(({ open }) => open);
  }

  #arrive(chunk: Buffer, peer: ServerConnection): undefined {
    const arrived = this.#arrived.get(peer) ?? [];
    this.#arrived.set(peer, arrived);
    // Each line is a write of its own, and short: no chunk ends inside of it.
    for (const line of chunk.toString('latin1').split('\n').slice(0, -1)) {
      const [key = '', id] = line.split(':');
      this.#seen.add(Number(id));
      arrived.push({ id: Number(id), key: key === '' ? undefined : Number(key) });
    }
  }

  /** A key without an answer that may still come in this life: to use one again is a fault of the application. */
  #freeKey(): number {
    const used = new Set(this.sent.filter(({ life }) => life === this.connection.life).map(({ key }) => key));
    let key = 0;
    while (used.has(key)) key += 1;
    return key;
  }

  #take(line: string): void {
    const [key, id = ''] = line.split(':');
    this.#answersInLife += 1;
    const isTaken = this.requests.resolve(id, this.#setup.isKeyed ? Number(key) : undefined);
    const { outcome } = this.sent[Number(id)] as Sent;
    if (isTaken === (outcome !== undefined)) this.#faults.push(`${id} was taken: ${isTaken}`);
    if (!isTaken) this.#lateAnswers += 1;
  }

  #settled(sent: Sent, outcome: Outcome, after: Plan['after']): void {
    if (sent.outcome) this.#faults.push(`${sent.id} is settled twice`);
    sent.outcome = outcome;
    const what = 'answer' in outcome ? 'answered' : outcome.error.name;
    this.#counts.add(what);
    const waited = performance.now() - sent.at;
    if (what === 'TimeoutError' && waited < sent.timeout) this.#faults.push(`${sent.id} timed out early`);
    if (waited > sent.timeout + tolerance + 250) this.#faults.push(`${sent.id} timed out late: ${waited}`);
    if (after === 'send') this.send();
    if (after === 'reset') this.connection.reset();
    if (after === 'end') this.connection.socket.end();
    if (after === 'abort all') for (const { abort } of this.sent) abort?.abort(new RangeError('aborted'));
  }

  /** Whether a request has got what it had to get. */
  #judge({ id, life, abort, wasFull, outcome }: Sent): void {
    if (!outcome) return;
    if ('answer' in outcome) {
      expect(outcome.answer).toBe(String(id));
      return;
    }
    const { name } = outcome.error;
    const wasRefused = ['ClosedError', 'QueueFullError'].includes(name);
    if (wasRefused) expect(this.#seen).not.toContain(id);
    if (name === 'LifeEndedError') expect(outcome.error).toMatchObject({ reset: { life } });
    else if (name === 'RangeError') expect(abort?.signal.aborted).toBe(true);
    else if (name === 'QueueFullError') expect(wasFull).toBe(true);
    else expect(['ClosedError', 'TimeoutError']).toContain(name);
  }
}
