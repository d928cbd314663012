/** Five buckets for each doubling: a percentile is right to 15 %. */
const perDoubling = 5;
const buckets = 128;
/** How long a half of the window is, in milliseconds. */
const half = 30_000;

/** How long callers waited for a lease, over the last 30 to 60 seconds. */
export class WaitTimes {
  #present = new Uint32Array(buckets);
  #before = new Uint32Array(buckets);
  #since = 0;

  add(waited: number, at: number): void {
    this.#turn(at);
    const bucket = waited <= 0 ? 0 : Math.ceil(perDoubling * Math.log2(waited * 100));
    const place = Math.min(Math.max(bucket, 0), buckets - 1);
    this.#present[place] = (this.#present[place] as number) + 1;
  }

  /** The time within which that share was served, in milliseconds; `undefined` if no lease was asked for. */
  percentile(share: number, at: number): number | undefined {
    this.#turn(at);
    const counts = Array.from(this.#present, (count, place) => count + (this.#before[place] as number));
    let left = Math.ceil(share * counts.reduce((sum, count) => sum + count, 0));
    if (left === 0) return undefined;
    const place = counts.findIndex((count) => (left -= count) <= 0);
    return place === 0 ? 0 : 2 ** (place / perDoubling) / 100;
  }

  #turn(at: number): void {
    if (at - this.#since < half) return;
    const isOld = at - this.#since >= 2 * half;
    this.#before = isOld ? new Uint32Array(buckets) : this.#present;
    this.#present = new Uint32Array(buckets);
    this.#since = at;
  }
}
