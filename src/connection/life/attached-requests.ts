import { formatEndpoint, type Endpoint } from '../../primitives/endpoint.js';
import { ClosedError, withCause, type LifeEndedError } from '../../primitives/errors.js';
import { publishRequestsLost, publishReset, type ConnectionSource } from '../../telemetry/index.js';
import { lifeEndedError, type Living } from '../handler/life-signal.js';
import type { Owner } from '../owner.js';
import type { RequestStats, Reset } from '../stats/counters.js';
import type { CounterTotals } from '../stats/totals.js';

/** The requests of a connection, as the connection sees them. */
export interface AttachedRequests {
  pending(): number;
  /** Resolves when none is pending. */
  idle(): Promise<void>;
  stats(): RequestStats;
  /** A life is over: rejects all that is pending, if anything is. Returns how many requests that were. */
  lifeEnded(makeError: () => LifeEndedError): number;
}

/** Only connections that have requests have an entry: the others take no memory for it. */
const attached: WeakMap<object, AttachedRequests> = new WeakMap();

/** The requests that are attached to a connection, which is known by its core. */
export function requestsOf(connection: object): AttachedRequests | undefined {
  return attached.get(connection);
}

export function attachRequests(connection: object, requests: AttachedRequests): void {
  attached.set(connection, requests);
}

/** A life is over: records it, settles its requests, then tells of both. */
export function lifeEnded(connection: Ending, reset: Reset): void {
  const totals = connection.owner.totalsFor?.(reset.endpoint);
  connection.record.recordReset(reset, totals);
  const lost = attached
    .get(connection)
    ?.lifeEnded(() => lifeEndedError(connection, 'no answer, outcome unknown'));
  if (lost) totals?.count('request-lost', lost);
  publishReset(connection, reset);
  if (lost) publishRequestsLost(connection, reset, lost);
}

interface Ending extends Living, ConnectionSource {
  readonly owner: Pick<Owner<never>, 'totalsFor'>;
  readonly record: Living['record'] & { recordReset(reset: Reset, totals: CounterTotals | undefined): void };
}

/** The error of a request that cannot be sent. */
export function notConnected({ endpoint, record }: Refusing): ClosedError {
  const cause = record.lastReset?.error ?? record.lastDialError;
  const message = `request to ${formatEndpoint(endpoint)} while the link is down or ended: nothing was sent`;
  return new ClosedError(withCause(message, cause), { endpoint, ...(cause && { cause }) });
}

interface Refusing {
  readonly endpoint: Endpoint;
  readonly record: { readonly lastReset: Reset | undefined; readonly lastDialError: Error | undefined };
}
