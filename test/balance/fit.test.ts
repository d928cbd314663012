import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../bench/herd/random.js';
import { chosenBy, leastLeased, roundRobin, type Balancer, type Picker } from '../../src/balance/index.js';
import { randomBy } from '../../src/balance/random.js';
import { twoChoicesBy } from '../../src/balance/two-choices.js';
import { perRing } from '../support/per-ring.js';
import { candidates, type Numbered } from './candidates.js';
import { Fit } from './chi-squared.js';

/** Enough to see a bias; a small one takes as many as there are at length. */
const picks = perRing({ short: 20_000, soak: 100_000 });
const members = 30;

/** Picks of one strategy, while members come and go, and get more and fewer leases. */
class Stage {
  readonly picker: Picker<Numbered>;
  readonly present: Numbered[] = [];
  readonly #absent: Numbered[];
  readonly #chance: () => number;

  constructor(balancer: Balancer, chance: () => number) {
    this.picker = balancer.makePicker<Numbered>();
    this.#chance = chance;
    this.#absent = candidates(members);
    while (this.present.length < members / 2) this.come();
  }

  come(): void {
    const one = this.#drawn(this.#absent);
    if (!one) return;
    this.picker.add(one);
    this.present.push(one);
  }

  go(): void {
    const one = this.present.length > 2 ? this.#drawn(this.present) : undefined;
    if (!one) return;
    this.picker.remove(one);
    this.#absent.push(one);
  }

  /** One of those that are there has another number of leases. */
  lease(): void {
    const one = this.present[Math.floor(this.#chance() * this.present.length)] as Numbered;
    one.group.leases = Math.floor(this.#chance() * 5);
    this.picker.loadChanged?.(one.group);
  }

  #drawn(from: Numbered[]): Numbered | undefined {
    return from.splice(Math.floor(this.#chance() * from.length), 1)[0];
  }
}

/** What chance each of those that are there has of being picked. */
type Promised = (present: readonly Numbered[]) => readonly number[];

const evenly: Promised = (present) => present.map(() => 1 / present.length);

/** The less leased of two different ones, drawn by chance: of equals, either. */
const lessLeasedOfTwo: Promised = (present) => {
  const pairs = present.length * (present.length - 1);
  return present.map((one) => {
    const ahead = present.filter((other) => other !== one && other.group.leases > one.group.leases).length;
    const equal = present.filter((other) => other !== one && other.group.leases === one.group.leases).length;
    return (2 * ahead + equal) / pairs;
  });
};

function fitOf(
  balancer: Balancer,
  promised: Promised,
  { changes, leases, count = picks }: { changes: number; leases: number; count?: number },
): Fit {
  const chance = seededRandom(11);
  const stage = new Stage(balancer, chance);
  const fit = new Fit();
  let chances = promised(stage.present);
  for (let pick = 0; pick < count; pick += 1) {
    const before = chance();
    if (before < changes / 2) stage.come();
    else if (before < changes) stage.go();
    if (chance() < leases) stage.lease();
    if (before < changes || leases > 0) chances = promised(stage.present);
    for (const [place, one] of stage.present.entries()) fit.expect(one.connection, chances[place] ?? 0);
    fit.observe((stage.picker.pick() as Numbered).connection);
  }
  return fit;
}

const unchanging = { changes: 0, leases: 0 };
const comingAndGoing = { changes: 0.01, leases: 0 };

describe(`over ${picks} picks`, () => {
  const any = seededRandom(5);
  const strategies: readonly (readonly [string, () => Balancer, Promised])[] = [
    ['roundRobin', () => roundRobin(), evenly],
    ['leastLeased, of equals,', () => leastLeased(), evenly],
    ['random', () => randomBy(seededRandom(3)), evenly],
    ['twoChoices, of equals,', () => twoChoicesBy(seededRandom(4)), evenly],
    ['a function', () => chosenBy((list) => list.at(Math.floor(any() * list.length))), evenly],
  ];
  it.each(strategies)('%s picks each equally often', (_, make, promised) => {
    fitOf(make(), promised, unchanging).expectGood();
  });

  it.each(strategies)('%s does so while members come and go', (_, make, promised) => {
    fitOf(make(), promised, comingAndGoing).expectGood();
  });

  it('twoChoices picks the less leased of two', () => {
    fitOf(twoChoicesBy(seededRandom(6)), lessLeasedOfTwo, { changes: 0.001, leases: 0.001 }).expectGood();
  });

  it('twoChoices goes by the load that it is given', () => {
    const loads = new Map<unknown, number>(
      candidates(members).map(({ connection }) => [connection, connection % 7]),
    );
    const promised: Promised = (present) =>
      lessLeasedOfTwo(
        present.map((one) => Object.assign({}, one, { group: { leases: loads.get(one.connection) } })),
      );
    const balancer = twoChoicesBy(seededRandom(7), (connection) => loads.get(connection) ?? NaN);
    fitOf(balancer, promised, { changes: 0.001, leases: 0 }).expectGood();
  });

  it('roundRobin never picks one twice before each other was picked', () => {
    const stage = new Stage(roundRobin(), seededRandom(8));
    const { length } = stage.present;
    const round = stage.present.map(() => stage.picker.pick());
    expect(new Set(round).size).toBe(length);
    for (let pick = 0; pick < picks; pick += 1) {
      const picked = stage.picker.pick();
      if (picked !== round[pick % length]) expect(picked).toBe(round[pick % length]);
    }
  });

  it('leastLeased picks one with the fewest leases, of those the one whose turn was longest ago', () => {
    const chance = seededRandom(9);
    const stage = new Stage(leastLeased(), chance);
    const turns = new Map<Numbered, number>(stage.present.map((one, turn) => [one, turn - members]));
    for (let pick = 0; pick < picks; pick += 1) {
      stage.lease();
      const least = Math.min(...stage.present.map(({ group }) => group.leases));
      const eligible = stage.present.filter(({ group }) => group.leases === least);
      const longestAgo = eligible.toSorted((a, b) => (turns.get(a) ?? 0) - (turns.get(b) ?? 0))[0];
      const picked = stage.picker.pick() as Numbered;
      if (picked !== longestAgo) expect(picked).toBe(longestAgo);
      turns.set(picked, pick);
    }
  });

  it('a bad fit is seen: one that gets one pick in a hundred besides its own', () => {
    const chance = seededRandom(10);
    const biased = randomBy(() => (chance() < 0.01 ? 0 : chance()));
    const fit = fitOf(biased, evenly, { ...unchanging, count: 100_000 });
    expect(() => fit.expectGood()).toThrow('less than');
  });
});
