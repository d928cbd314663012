/** What spilling needs to know of the endpoints of one priority. */
export interface SpillingTier {
  /** Which part of what is wanted is ready, from 0 to 1. */
  readonly coverage: number;
  /** Its part of the load. */
  share: number;
  /** How much it is owed, in picks. */
  credit: number;
}

/**
 * Gives each tier its part of the load. A tier of which less than `spill` is ready gets less, in proportion, and the next tier
 * gets the rest. Where all of them together are not enough, each gets what is in proportion to what is ready.
 */
export function shareOut(tiers: readonly SpillingTier[], spill: number): void {
  let left = 1;
  for (const tier of tiers) {
    tier.share = Math.min(left, tier.coverage / spill);
    left -= tier.share;
    if (left < 1e-9) left = 0;
  }
  if (left > 0 && left < 1) for (const tier of tiers) tier.share /= 1 - left;
}

/** Whether the tiers together can take all of the load. */
export function isEnough(coverages: readonly number[], spill: number): boolean {
  return coverages.reduce((sum, coverage) => sum + coverage / spill, 0) > 1 - 1e-9;
}

/**
 * The first tier that gives something. Tiers take turns by their shares, evenly mixed; where one has nothing, the next one in turn
 * gives.
 */
export function takeByShare<S extends SpillingTier, T>(
  tiers: readonly S[],
  take: (tier: S) => T | undefined,
): T | undefined {
  const used = tiers.filter(({ share }) => share > 0);
  for (const tier of used) tier.credit = Math.min(1, tier.credit + tier.share);
  for (const tier of used.toSorted((a, b) => b.credit - a.credit)) {
    const taken = take(tier);
    if (taken === undefined) continue;
    tier.credit -= 1;
    return taken;
  }
  return undefined;
}

/** The tiers in the order of a key, whose hash is `fraction`: most keys stay where they are while a share changes. */
export function tiersByKey<S extends SpillingTier>(tiers: readonly S[], fraction: number): readonly S[] {
  const used = tiers.filter(({ share }) => share > 0);
  let left = fraction;
  const first = used.find(({ share }) => (left -= share) < 0) ?? used[0];
  return first ? [first, ...used.filter((tier) => tier !== first)] : [];
}
