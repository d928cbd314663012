/** The value below which the share `part` of the sorted values lies (nearest rank). */
export function quantile(sorted: Float64Array, part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The most half-open intervals [start, end) that overlap in one point; starts and ends may come in any order. */
export function mostAtOnce(starts: ArrayLike<number>, ends: ArrayLike<number>): number {
  const opening = new Float64Array(starts).toSorted();
  const closing = new Float64Array(ends).toSorted();
  let opened = 0;
  let closed = 0;
  let most = 0;
  for (const start of opening) {
    opened++;
    while ((closing[closed] ?? Infinity) <= start) closed++;
    most = Math.max(most, opened - closed);
  }
  return most;
}
