import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../bench/herd/random.js';
import { chosenBy, type Candidates, type Choose, type Picker } from '../../src/balance/index.js';
import { twoChoicesBy } from '../../src/balance/two-choices.js';
import { OptionError } from '../../src/index.js';
import { candidates, type Numbered } from './candidates.js';

function pickerOf(choose: Choose<unknown>, count: number): [Picker<Numbered>, Numbered[]] {
  const picker = chosenBy(choose).makePicker<Numbered>();
  const members = candidates(count);
  for (const member of members) picker.add(member);
  return [picker, members];
}

describe('a function that chooses', () => {
  it('sees all candidates, and picks the one that it gives', () => {
    let seen: readonly unknown[] = [];
    const [picker, members] = pickerOf((list) => {
      seen = [...list];
      expect(seen).toEqual(Array.from({ length: list.length }, (_, index) => list.at(index)));
      return seen.at(-1);
    }, 5);
    expect(picker.pick()).toBe(members[4]);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
    picker.remove(members[4] as Numbered);
    expect(picker.pick()).toBe(members[3]);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it('is not called when there is nothing to choose from', () => {
    const [picker, [only]] = pickerOf(() => expect.fail('it was called'), 1);
    picker.remove(only as Numbered);
    expect(picker.pick()).toBeUndefined();
  });

  it('gets a view that cannot be changed, and that stays true', () => {
    let view: Candidates<unknown> | undefined;
    const [picker, members] = pickerOf((list) => {
      view = list;
      return list.at(0);
    }, 3);
    picker.pick();
    expect(Object.isFrozen(view)).toBe(true);
    expect([view?.at(3), view?.at(-1), view?.at(NaN)]).toEqual([undefined, undefined, undefined]);
    picker.remove(members[0] as Numbered);
    expect(view).toHaveLength(2);
    expect(new Set(view)).toEqual(new Set([1, 2]));
  });

  it.each([
    ['nothing', () => undefined],
    ['a place instead of what is there', (list: Candidates<unknown>) => list.length],
    ['something else', () => ({})],
    ['all of them', (list: Candidates<unknown>) => list],
    ['text', () => 'secret'],
  ])('may not give %s', (_, choose) => {
    const [picker] = pickerOf(choose, 3);
    expect(() => picker.pick()).toThrow(OptionError);
    expect(() => picker.pick()).toThrow(/^pick\(\): expected one of the candidates, got (?!.*secret)/);
  });

  it('may not give one that is not there any more', () => {
    const [picker, members] = pickerOf(() => 1, 3);
    expect(picker.pick()).toBe(members[1]);
    picker.remove(members[1] as Numbered);
    expect(() => picker.pick()).toThrow(OptionError);
    picker.add(members[1] as Numbered);
    expect(picker.pick()).toBe(members[1]);
  });

  it('may throw: what it throws is thrown, and the next pick is as ever', () => {
    const error = new Error('no idea');
    let isStumped = true;
    const [picker, members] = pickerOf((list) => {
      if (isStumped) throw error;
      return list.at(0);
    }, 3);
    expect(() => picker.pick()).toThrow(error);
    isStumped = false;
    expect(picker.pick()).toBe(members[0]);
  });

  it('may take what it gives out of the choice: then it has given none of the candidates', () => {
    const taken: Numbered[] = [];
    const [picker, members] = pickerOf((list) => {
      const first = list.at(0) as number;
      taken.push(members[first] as Numbered);
      picker.remove(members[first] as Numbered);
      return first;
    }, 3);
    expect(() => picker.pick()).toThrow(OptionError);
    expect(taken).toEqual([members[0]]);
  });
});

describe('slow start, a function over uptime', () => {
  it('gives a server that is cold little, and more as it warms up', () => {
    const uptimes = [0, 60_000, 60_000, 60_000];
    const chance = seededRandom(1);
    const [picker] = pickerOf((all) => {
      const draw = (): unknown => all.at(Math.floor(chance() * all.length));
      const first = draw();
      return chance() < 0.1 + (uptimes[first as number] ?? 0) / 30_000 ? first : draw();
    }, 4);
    const share = (): number => {
      let cold = 0;
      for (let pick = 0; pick < 10_000; pick += 1) if (picker.pick()?.connection === 0) cold += 1;
      return cold / 10_000;
    };
    expect(share()).toBeLessThan(0.1);
    uptimes[0] = 15_000;
    expect(share()).toBeCloseTo(0.175, 1);
    uptimes[0] = 30_000;
    expect(share()).toBeCloseTo(0.25, 1);
  });
});

describe('a function that says how busy a connection is', () => {
  it('may take what is compared out of the choice: then another is picked', () => {
    const members = candidates(6);
    const taken: number[] = [];
    const balancer = twoChoicesBy(
      () => 0,
      (connection) => {
        const member = members[connection as number] as Numbered;
        if (taken.length < 5 && member.index >= 0) {
          picker.remove(member);
          taken.push(member.connection);
        }
        return 0;
      },
    );
    const picker = balancer.makePicker<Numbered>();
    for (const member of members) picker.add(member);
    const picked = picker.pick();
    expect(taken).not.toContain(picked?.connection);
    expect(picked?.index).toBeGreaterThanOrEqual(0);
  });

  it.each([undefined, NaN, '1', 1n, null, {}])('may not say %s', (load) => {
    const picker = twoChoicesBy(Math.random, () => load as number).makePicker<Numbered>();
    for (const member of candidates(2)) picker.add(member);
    expect(() => picker.pick()).toThrow(OptionError);
    expect(() => picker.pick()).toThrow(/^loadOf\(\): expected a number, got /);
  });

  it('may say that one is not to be used, unless it is the only one', () => {
    const picker = twoChoicesBy(Math.random, (connection) =>
      connection === 0 ? Infinity : 1,
    ).makePicker<Numbered>();
    const [busy, other] = candidates(2) as [Numbered, Numbered];
    picker.add(busy);
    expect(picker.pick()).toBe(busy);
    picker.add(other);
    for (let pick = 0; pick < 20; pick += 1) expect(picker.pick()).toBe(other);
  });
});
