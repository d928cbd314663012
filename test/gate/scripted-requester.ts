import { vi } from 'vitest';
import { constant, DialError, type Backoff, type DialPhase } from '../../src/index.js';
import type { DialBlame, DialRequester } from '../../src/gate/index.js';
import { DialLimit } from '../../src/gate/dial-limit.js';
import { Gate } from '../../src/gate/gate.js';

export interface ScriptedOptions {
  readonly firstBackoff?: () => Backoff;
  readonly stableAfter?: number;
  readonly connectTimeout?: number;
}

type Ended = 'endpoint' | 'owner' | 'planned';

const endpoint = Object.freeze({ host: 'a.test', port: 1 });
const firstBackoff = (): Backoff => constant(100);

export function pass(milliseconds: number): void {
  vi.advanceTimersByTime(milliseconds);
}

/** Resolves once what was put off until the work is complete is done. */
export function allTold(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** A gate of its own; with a limit, one of several. */
export function newGate(maxDialing = 256, limit: DialLimit = new DialLimit()): Gate {
  return new Gate(endpoint, false, maxDialing, limit);
}

/** The error of a dial that has failed. */
export function refused(phase: DialPhase = 'connect'): DialError {
  return new DialError('refused', { endpoint, phase });
}

/** Keeps to its gate as a connection does, but dials and lives as a test says. */
export class ScriptedRequester implements DialRequester {
  readonly options: DialRequester['options'];
  readonly owner: object;
  isReferenced = true;
  isWanted = false;
  where: 'outside' | 'waiting' | 'dialling' | 'alive' | 'closed' = 'outside';
  dials = 0;
  /** How many dials of others have failed while it waited. */
  failuresElsewhere = 0;
  /** How often the endpoint was said to flap while it waited. */
  flaps = 0;
  readonly errors: unknown[] = [];
  /** Called when its turn has come, inside of the gate. */
  onDial: () => void = () => {};
  readonly #gate: Gate;
  #bornAt = 0;

  /** Without an owner it is its own. */
  constructor(gate: Gate, options: ScriptedOptions = {}, owner?: object) {
    this.#gate = gate;
    this.owner = owner ?? this;
    this.options = { firstBackoff, stableAfter: 5_000, connectTimeout: 10_000, ...options };
  }

  arrive(): this {
    this.where = 'waiting';
    this.#gate.arrive(this);
    return this;
  }

  enter(isUrgent = false): number {
    if (this.where === 'closed') return 0;
    this.where = 'waiting';
    return this.#gate.enter(this, isUrgent);
  }

  makeUrgent(): void {
    this.#gate.makeUrgent(this);
  }

  reference(isReferenced: boolean): void {
    this.isReferenced = isReferenced;
    this.#gate.referenced(this);
  }

  dial(): void {
    this.where = 'dialling';
    this.dials += 1;
    this.onDial();
  }

  dialFailedElsewhere(): void {
    this.failuresElsewhere += 1;
  }

  endpointFlaps(): void {
    this.flaps += 1;
  }

  backoffFailed(error: unknown): void {
    this.errors.push(error);
  }

  /** Its dial succeeds, and its handshake goes on. */
  connect(): void {
    this.where = 'alive';
    this.#bornAt = performance.now();
    this.#gate.dialSucceeded(this);
  }

  shakeHands(): void {
    this.#gate.handshakeDone(this);
  }

  succeed(): void {
    this.connect();
    this.shakeHands();
  }

  /** Its dial fails; says how long the wait is that follows from that, if one does. Its backoff may have disconnected it. */
  failOver(blame: DialBlame = 'endpoint', phase: DialPhase = 'connect'): number | undefined {
    const drawn = this.#gate.askBeforeDialFailed(this, blame);
    if (this.where !== 'dialling') return undefined;
    this.where = 'outside';
    return this.#gate.dialFailed(this, refused(phase), blame, true, drawn);
  }

  /** Its dial fails, and it waits for the next one; says how long the wait is that follows from that, if one does. */
  fail(blame: DialBlame = 'endpoint', phase: DialPhase = 'connect'): number | undefined {
    const wait = this.failOver(blame, phase);
    this.enter();
    return wait;
  }

  /** Its life ends; says how long the wait is that follows from that, if one does. Its backoff may have disconnected it. */
  loseOver(endedBy: Ended, isRefused = false): number | undefined {
    const life = { uptime: performance.now() - this.#bornAt, endedBy, isRefused };
    const drawn = this.#gate.askBeforeLifeEnded(this, life);
    if (this.where !== 'alive') return undefined;
    this.where = 'outside';
    return this.#gate.lifeEnded(this, life, drawn);
  }

  /** Its handshake is refused, and it waits for the next dial; says how long the wait is that follows. */
  refuse(): number | undefined {
    const wait = this.loseOver('owner', true);
    this.enter();
    return wait;
  }

  /** Its life ends, and it waits for the next dial; says how long the wait is that follows from that, if one does. */
  lose(endedBy: Ended = 'endpoint'): number | undefined {
    const wait = this.loseOver(endedBy);
    this.enter();
    return wait;
  }

  /** It goes to another endpoint instead of waiting. */
  leave(): void {
    this.where = 'outside';
    this.#gate.leave(this);
  }

  /** It is closed, whatever it does. */
  disconnect(): void {
    const { where } = this;
    this.where = 'closed';
    if (where === 'waiting' || where === 'outside') this.#gate.leave(this);
    if (where === 'dialling') this.#gate.dialAbandoned(this);
    if (where === 'alive') {
      const life = { uptime: performance.now() - this.#bornAt, endedBy: 'disconnect' } as const;
      this.#gate.lifeEnded(this, life, this.#gate.askBeforeLifeEnded(this, life));
    }
    this.#gate.forget(this);
  }
}
