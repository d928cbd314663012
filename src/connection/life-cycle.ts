import { startDeadline, stopDeadline, type Deadline } from '../primitives/deadline.js';
import type { ConnectionState } from '../telemetry/index.js';

export type { ConnectionState } from '../telemetry/index.js';

/** What can move a connection from one state to another. */
export type Trigger =
  | 'dial'
  | 'connected'
  | 'handshake-done'
  | 'dial-failed'
  | 'life-ended'
  | 'gave-up'
  | 'disconnect'
  | 'socket-closed';

/**
 * The states, and what leads from one to another.
 *
 * ```
 *            dial              connected              handshake-done
 *  waiting ────────▶ connecting ────────▶ handshaking ────────────────▶ ready
 *     ▲                  │                     │                          │
 *     │    dial-failed   │       life-ended    │            life-ended    │
 *     ◀──────────────────┴─────────────────────┴──────────────────────────┘
 *
 *  waiting, connecting, handshaking, ready ──disconnect──▶ closing ──socket-closed──▶ closed
 *  waiting, connecting ──gave-up──▶ closed
 * ```
 *
 * Each state owns at most one timer. connecting: connectTimeout; handshaking: handshakeTimeout; ready: the patience with a
 * half-closed life; closing: grace.
 */
export const transitions: Readonly<
  Record<ConnectionState, Readonly<Partial<Record<Trigger, ConnectionState>>>>
> = {
  waiting: { dial: 'connecting', 'gave-up': 'closed', disconnect: 'closing' },
  connecting: {
    connected: 'handshaking',
    'dial-failed': 'waiting',
    'gave-up': 'closed',
    disconnect: 'closing',
  },
  handshaking: { 'handshake-done': 'ready', 'life-ended': 'waiting', disconnect: 'closing' },
  ready: { 'life-ended': 'waiting', disconnect: 'closing' },
  closing: { 'socket-closed': 'closed' },
  closed: {},
};

/** All states. */
export const connectionStates: readonly ConnectionState[] = Object.keys(transitions) as ConnectionState[];

/** The state after `trigger`, or nothing where the trigger comes too late to matter. */
export function nextState(state: ConnectionState, trigger: Trigger): ConnectionState | undefined {
  return transitions[state][trigger];
}

/** The state of one connection, with the timer of that state, which stops when the state is left. */
export class LifeCycle {
  #state: ConnectionState = 'waiting';
  #timer: Deadline | undefined;

  get state(): ConnectionState {
    return this.#state;
  }

  /** Goes to the next state. Returns false where the trigger comes too late to matter. */
  move(trigger: Trigger): boolean {
    const state = nextState(this.#state, trigger);
    if (!state) return false;
    stopDeadline(this.#timer);
    this.#timer = undefined;
    this.#state = state;
    return true;
  }

  /** Acts once the present state has lasted for `delay` milliseconds more. Replaces an earlier timer. */
  setTimer(delay: number, keepsAlive: boolean, act: () => void): void {
    stopDeadline(this.#timer);
    this.#timer = startDeadline(delay, keepsAlive, act);
  }

  /** Whether the timer keeps the process alive. */
  keepAlive(keepsAlive: boolean): void {
    if (keepsAlive) this.#timer?.ref();
    else this.#timer?.unref();
  }
}
