import type { Lender } from '../lenders/lender.js';

/** How many borrow at once, where they contend. */
export const borrowerCount = 1_000;
/** How many leases there are between two looks at the clock, so that looking costs next to nothing. */
const look = 10_000;

/** Counts leases until they have taken so much CPU, in milliseconds. */
export class Tally {
  #leases = 0;
  #nextLook = look;
  #isOver = false;
  readonly #cpu: number;
  readonly #before = process.cpuUsage();

  constructor(cpu: number) {
    this.#cpu = cpu;
  }

  /** Counts a lease; says whether there should be more. */
  count(): boolean {
    this.#leases += 1;
    if (this.#leases === this.#nextLook) this.#look();
    return !this.#isOver;
  }

  /** Leases per second of CPU, until now. */
  rate(): number {
    return (this.#leases / this.#used()) * 1_000;
  }

  #look(): void {
    this.#nextLook += look;
    this.#isOver = this.#used() >= this.#cpu;
  }

  #used(): number {
    const { user, system } = process.cpuUsage(this.#before);
    return (user + system) / 1_000;
  }
}

/** A way to borrow, again and again, until the tally says that it is enough. */
export type Borrow = (lender: Lender, tally: Tally) => Promise<void>;

async function alone(lender: Lender, tally: Tally): Promise<void> {
  do lender.release(await lender.acquire());
  while (tally.count());
}

async function aloneAtOnce(lender: Lender, tally: Tally): Promise<void> {
  if (!lender.tryAcquire) throw new TypeError('lender: expected one with tryAcquire, got one without');
  do {
    const lent = lender.tryAcquire();
    if (lent === undefined) throw new Error('nothing was lent: the measurement is worthless');
    lender.release(lent);
  } while (tally.count());
}

async function aloneForATurn(lender: Lender, tally: Tally): Promise<void> {
  do {
    const lent = await lender.acquire();
    await new Promise(setImmediate);
    lender.release(lent);
  } while (tally.count());
}

/** Many who do the same side by side. */
function crowd(borrow: Borrow): Borrow {
  return async (lender, tally) => {
    await Promise.all(Array.from({ length: borrowerCount }, () => borrow(lender, tally)));
  };
}

/** The ways to borrow, by name. */
const ways = {
  alone,
  aloneAtOnce,
  crowd: crowd(alone),
  crowdForATurn: crowd(aloneForATurn),
} satisfies Record<string, Borrow>;

/** The name of one of the {@link ways}. */
export type WayName = keyof typeof ways;

/** The way to borrow of that name. */
export function wayNamed(name: string | undefined): Borrow {
  for (const [known, way] of Object.entries(ways)) if (known === name) return way;
  throw new TypeError(`way: expected one of ${Object.keys(ways).join(', ')}, got ${name}`);
}
