/** When to look up a name again. */
export interface RefreshSettings {
  readonly minRefresh: number;
  readonly maxRefresh: number;
  readonly jitter: number;
}

/**
 * How many milliseconds to wait after an answer with this TTL in seconds: from `minRefresh` to `maxRefresh`, and no longer
 * than the TTL unless that is below `minRefresh`. `chance` is a number from 0 to 1.
 */
export function refreshDelay(ttl: number, settings: RefreshSettings, chance: number): number {
  const { minRefresh, maxRefresh, jitter } = settings;
  const longest = Math.min(maxRefresh, ttl * 1_000);
  return Math.max(minRefresh, longest * (1 - jitter * chance));
}

/** The longest wait after a look-up that failed, in milliseconds. */
const longestRetry = 30_000;

/** How many milliseconds to wait after `failed` look-ups in a row have failed: each time twice as long, less a random part. */
export function retryDelay(failed: number, settings: RefreshSettings, chance: number): number {
  const { minRefresh, maxRefresh, jitter } = settings;
  const longest = Math.min(maxRefresh, longestRetry, minRefresh * 2 ** (failed - 1));
  return Math.max(minRefresh, longest * (1 - jitter * chance));
}
