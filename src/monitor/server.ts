import { Flaps } from './flaps.js';
import { states, type State } from './kinds.js';
import { phases, type Phase } from './members.js';
import type { Pace, Slowness } from './pace.js';
import type { Trouble } from './trouble.js';

/** How long an accepted connection may be without an answer before that is worth showing, in milliseconds. */
const patience = 1_500;

/** Told of each change of state. */
export type OnChange = (at: number, server: number, state: State) => void;

/** What is known of the server at one endpoint, from what happens to its connections. */
export class Server {
  readonly index: number;
  readonly name: string;
  /** The pool of its first connection, or of none. */
  pool: string | undefined;
  /** How many connections it has, with those that were closed for good. */
  size = 0;
  ready = 0;
  /** How many connections are accepted and not ready yet. */
  open = 0;
  /** How many were closed for good, as something was wrong, since the last one came. */
  closed = 0;
  state: State = states.none;
  /** When that began. */
  since: number;
  /** Since when not all connections are ready, for a reason that was not planned. */
  illSince: number | undefined;
  /** What went wrong last, since all connections were ready. */
  trouble: Trouble | undefined;
  troubleAt = 0;
  /** When it has had no connection since, because the connection went to another of its endpoints. */
  leftFor: string | undefined;
  readonly flaps: Flaps = new Flaps();
  /** How fast it is, as far as anybody looks. */
  pace: Pace | undefined;
  slowness: Slowness | undefined;
  #hasReturned = true;
  /** Since when there has been an accepted connection, and none ready. */
  #openSince: number | undefined;
  readonly #onChange: OnChange;

  constructor(index: number, name: string, at: number, onChange: OnChange) {
    this.index = index;
    this.name = name;
    this.since = at;
    this.#onChange = onChange;
  }

  join(phase: Phase, at: number): void {
    // What is tried again is judged by that.
    this.#forgetClosed();
    this.size += 1;
    this.leftFor = undefined;
    this.#count(phase, 1);
    this.#update(at);
  }

  /** A connection is closed, for good or as was wanted, or has gone to another server. */
  leave(phase: Phase, at: number, leftFor?: string, isForGood: boolean = false): void {
    if (isForGood && this.trouble) this.closed += 1;
    else this.size -= 1;
    if (this.isEmpty && !isForGood) this.#forgetClosed();
    this.#count(phase, -1);
    if (this.size === 0 && this.trouble) this.leftFor = leftFor;
    this.#update(at);
  }

  /** Whether none of its connections is left. */
  get isEmpty(): boolean {
    return this.size === this.closed;
  }

  /** Its pool is closed: connections that were closed for good do not count any more. */
  pardon(at: number): void {
    this.#forgetClosed();
    this.#update(at);
  }

  /** A connection has come to another phase, with nothing wrong about that. */
  move(from: Phase, to: Phase, at: number): void {
    this.#count(from, -1);
    this.#count(to, 1);
    if (to !== phases.away) this.#hasReturned = true;
    this.#update(at);
  }

  /** Something went wrong, in a connection that was in that phase. */
  fail(from: Phase, trouble: Trouble, at: number): void {
    this.settle(at);
    this.#count(from, -1);
    this.#count(phases.away, 1);
    this.trouble = trouble;
    this.troubleAt = at;
    this.illSince ??= at;
    if (from !== phases.away && trouble.kind === 'gone') this.#lose(at);
    this.#update(at);
  }

  /** Takes in what time alone has changed: an answer that does not come. */
  settle(at: number): void {
    const since = this.#openSince;
    if (since === undefined || at - since < patience || this.state === states.silent) return;
    this.trouble ??= { kind: 'silent', code: 'handshake' };
    this.troubleAt = Math.max(this.troubleAt, since);
    this.illSince ??= since;
    this.#enter(states.silent, Math.max(since, this.since));
  }

  /** What its pace says, if anything is wrong with that. */
  perceive(slowness: Slowness | undefined, at: number): void {
    this.slowness = slowness;
    const since = slowness ? Math.max(slowness.since, this.since) : at;
    this.#enter(this.#present(), since);
  }

  /** Counts a loss if a life had begun since the last one: of many connections that are lost together, the first. */
  #lose(at: number): void {
    if (this.#hasReturned) this.flaps.add(at);
    this.#hasReturned = false;
  }

  #forgetClosed(): void {
    this.size -= this.closed;
    this.closed = 0;
  }

  #count(phase: Phase, by: 1 | -1): void {
    if (phase === phases.ready) this.ready += by;
    if (phase === phases.open) this.open += by;
  }

  #update(at: number): void {
    if (this.size > 0 && this.ready === this.size) {
      this.illSince = undefined;
      this.trouble = undefined;
    }
    const isWaiting = this.open > 0 && this.ready === 0;
    this.#openSince = isWaiting ? (this.#openSince ?? at) : undefined;
    this.#enter(this.#present(), at);
  }

  #present(): State {
    const { size, ready, open, trouble, state, slowness } = this;
    if (size === 0) return states.none;
    if (ready > 0 && slowness) return slowness.state;
    if (ready > 0) return ready === size ? states.up : states.part;
    if (!trouble) return states.none;
    // A server that has just accepted has not shown yet that it answers: until then it is what it was.
    if (open > 0 && (state === states.down || state === states.silent)) return state;
    return trouble.kind === 'silent' ? states.silent : states.down;
  }

  #enter(state: State, at: number): void {
    if (state === this.state) return;
    this.state = state;
    this.since = at;
    this.#onChange(at, this.index, state);
  }
}
