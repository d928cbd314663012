import { lifeEndedBy, type Connection, type Reset } from '../../connection/index.js';
import { ConnmanError, LifeEndedError } from '../../primitives/errors.js';
import { toError } from '../members/health.js';

/** The lease is over, and was released. */
export function releasedError({ pool, endpoint }: Connection<never> | Connection): ConnmanError {
  return new ConnmanError('CONNMAN_RELEASED', 'the lease is over: it was released', { pool, endpoint });
}

/** The life of a lease has ended: the reason of its signal. */
export function interruption(reset: Reset, pool: string | undefined): LifeEndedError {
  return lifeEndedBy(reset, undefined, { pool, cause: toError(reset) });
}

/** A lease was not given back in time after the end of its life. */
export function forfeiture(reset: Reset, pool: string | undefined, drain: number): LifeEndedError {
  const meaning = `outcome unknown, the lease was not given back within ${drain} ms after the end of its life`;
  return lifeEndedBy(reset, meaning, { pool, cause: toError(reset) });
}

/** The work on a lease has written after the end of the life, and has returned `result` all the same. */
export function lateWrite(
  reset: Reset | undefined,
  pool: string | undefined,
  result: unknown,
): LifeEndedError {
  const meaning = 'outcome unknown, a write after the end of the life was refused';
  if (!reset) return new LifeEndedError(meaning, { pool, result });
  return lifeEndedBy(reset, meaning, { pool, cause: toError(reset), result });
}
