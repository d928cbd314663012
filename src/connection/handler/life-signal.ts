import { controllerForAll } from '../../primitives/abort-listeners.js';
import { formatEndpoint, type Endpoint } from '../../primitives/endpoint.js';
import { LifeEndedError } from '../../primitives/errors.js';
import type { Reset } from '../stats/counters.js';

/** The signal of one life. */
interface LifeSignal {
  readonly life: number;
  readonly controller: AbortController;
}

/** Whose lives have signals. */
export interface Living {
  readonly endpoint: Endpoint;
  /** How many lives have begun. */
  readonly life: number;
  readonly presentLife: object | undefined;
  readonly record: { readonly lastReset: Reset | undefined };
}

/** Only connections that were asked for a signal have an entry. */
const signals: WeakMap<Living, LifeSignal> = new WeakMap();

/** The signal of the present life. Between lives it is that of the last one, which is aborted. */
export function signalOf(connection: Living): AbortSignal {
  const { life } = connection;
  let signal = signals.get(connection);
  if (signal?.life !== life) {
    signal = { life, controller: controllerForAll() };
    signals.set(connection, signal);
  }
  if (!connection.presentLife && !signal.controller.signal.aborted) abort(signal, connection);
  return signal.controller.signal;
}

/** A life has ended: aborts its signal, if there is one. */
export function abortSignalOf(connection: Living): void {
  const signal = signals.get(connection);
  if (signal?.life === connection.life) abort(signal, connection);
}

/** Whether an error says no more than that a life is over: the reason of its signal, or what Node.js throws for that. */
export function isLifeEnded(error: unknown): boolean {
  return isReason(error) || isReason((error as { cause?: unknown } | null | undefined)?.cause);
}

function isReason(error: unknown): boolean {
  return (error as { code?: unknown } | null | undefined)?.code === 'CONNMAN_LIFE_ENDED';
}

function abort({ controller }: LifeSignal, connection: Living): void {
  controller.abort(lifeEndedError(connection));
}

/** Says that the last life is over, and what that means to the caller, where it is said. */
export function lifeEndedError(
  { endpoint, life, record: { lastReset } }: Living,
  meaning?: string,
): LifeEndedError {
  if (life > 0 && lastReset) return lifeEndedBy(lastReset, meaning);
  const message = `no life with ${formatEndpoint(endpoint)} has begun`;
  return new LifeEndedError(meaning ? `${meaning}: ${message}` : message, { endpoint });
}

/** Says that a life is over, how it ended, and what that means to the caller, where it is said. */
export function lifeEndedBy(
  reset: Reset,
  meaning?: string,
  details?: { readonly pool?: string | undefined; readonly cause?: unknown; readonly result?: unknown },
): LifeEndedError {
  const { endpoint, life, error: cause } = reset;
  const message = `life ${life} with ${formatEndpoint(endpoint)} is over: ${cause?.message ?? reset.code}`;
  return new LifeEndedError(meaning ? `${meaning}: ${message}` : message, {
    endpoint,
    reset,
    cause,
    ...details,
  });
}

/** The error of `ready()` while a lease of an ended life keeps the connection from dialling. */
export function heldError(connection: Living): LifeEndedError {
  return lifeEndedError(
    connection,
    'the connection is leased, and does not dial before the lease is given back',
  );
}
