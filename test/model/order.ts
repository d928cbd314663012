import type { Handler } from '../../src/index.js';
import { transitions, type ConnectionState } from '../../src/connection/life-cycle.js';

/** The callbacks whose order is promised; `onError` may come at any time, and `onDrain` within any life. */
export type CallbackName = Exclude<keyof Handler, 'onDrain' | 'onError'>;

/** Every callback but `onError`. */
export const callbackNames: readonly CallbackName[] = [
  'onConnect',
  'onData',
  'onReset',
  'onReconnect',
  'onRetire',
  'onRetry',
  'onClose',
];

/** Where a handler is: no life yet, in a life, after one, after the last one. */
export type Phase = 'unborn' | 'up' | 'down' | 'closed';

/** `onConnect (onData* onReset onReconnect)* … onReset? onClose`, with `onRetry` wherever the link is down, and `onRetire` in a life. */
const phases: Readonly<Record<Phase, Readonly<Partial<Record<CallbackName, Phase>>>>> = {
  unborn: { onConnect: 'up', onRetry: 'unborn', onClose: 'closed' },
  up: { onData: 'up', onRetire: 'up', onReset: 'down' },
  down: { onReconnect: 'up', onRetry: 'down', onClose: 'closed' },
  closed: {},
};

/** The phase after a callback, or nothing where that callback is out of order. */
export function nextPhase(phase: Phase, callback: CallbackName): Phase | undefined {
  return phases[phase][callback];
}

/** Whether the life-cycle has a way from one state to the other. */
export function isStep(from: ConnectionState, to: ConnectionState): boolean {
  return Object.values(transitions[from]).includes(to);
}

/** In which states each callback may find its connection. */
export const statesAt: Readonly<Record<CallbackName, readonly ConnectionState[]>> = {
  onConnect: ['handshaking'],
  onReconnect: ['handshaking'],
  onData: ['handshaking', 'ready', 'closing'],
  onReset: ['waiting', 'closing'],
  onRetire: ['ready'],
  onRetry: ['waiting'],
  onClose: ['closed'],
};
