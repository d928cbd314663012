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
