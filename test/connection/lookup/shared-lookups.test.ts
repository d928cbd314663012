import { AsyncLocalStorage } from 'node:async_hooks';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LookupAnswer } from '../../../src/connection/lookup/name-lookup.js';
import { SharedLookups, slowAfter } from '../../../src/connection/lookup/shared-lookups.js';
import { pass, useFakeTime } from '../../support/fake-time.js';
import { nextTurn } from '../../support/fixtures.js';

interface Asked {
  readonly name: string;
  readonly options: LookupOptions;
  readonly answer: LookupAnswer;
}

/** Look-ups whose sources answer when the test says so. */
class Names {
  readonly system: Asked[] = [];
  readonly direct: Asked[] = [];
  readonly shared: SharedLookups;
  /** What each call of {@link ask} was answered, in order. */
  readonly answers: string[] = [];

  constructor(places = 2) {
    const noteIn =
      (list: Asked[]) =>
      (name: string, options: LookupOptions, answer: LookupAnswer): void =>
        void list.push({ name, options, answer });
    this.shared = new SharedLookups({ system: noteIn(this.system), direct: noteIn(this.direct), places });
  }

  ask(name: string, options: LookupOptions = {}): { isCurrent: boolean } {
    const dial = { isCurrent: true };
    this.shared.lookup(name, options, dial, (error, address) => {
      if (dial.isCurrent) this.answers.push(`${name}: ${error?.message ?? (address as string)}`);
    });
    return dial;
  }

  /** The names that the system was asked for. */
  get begun(): readonly string[] {
    return this.system.map(({ name }) => name);
  }

  get directly(): readonly string[] {
    return this.direct.map(({ name }) => name);
  }

  /** Answers the last question for a name. */
  async answer(name: string, address = '10.0.0.1', source = this.system): Promise<void> {
    source.findLast((asked) => asked.name === name)?.answer(null, address, 4);
    await nextTurn();
  }

  async fail(name: string, message: string, source = this.system): Promise<void> {
    source.findLast((asked) => asked.name === name)?.answer(new Error(message), []);
    await nextTurn();
  }
}

const hang = (): Promise<void> => pass(slowAfter, slowAfter);

beforeEach(useFakeTime);
afterEach(() => void vi.useRealTimers());

describe('one look-up for each name', () => {
  it('serves all that ask while it is under way, and those that ask later get another one', async () => {
    const names = new Names();
    names.ask('a.test');
    names.ask('a.test');
    names.ask('b.test');
    expect(names.begun).toEqual(['a.test', 'b.test']);
    expect(names.shared.pending).toBe(2);
    await names.answer('a.test');
    expect(names.answers).toEqual(['a.test: 10.0.0.1', 'a.test: 10.0.0.1']);
    names.ask('a.test');
    expect(names.begun).toEqual(['a.test', 'b.test', 'a.test']);
    await names.fail('a.test', 'no such name');
    expect(names.answers[2]).toBe('a.test: no such name');
  });

  it.each<LookupOptions>([
    { family: 4 },
    { hints: 32 },
    { all: true },
    { order: 'ipv4first' },
    { verbatim: false },
  ])('asks by itself with %j', (options) => {
    const names = new Names(9);
    names.ask('a.test');
    names.ask('a.test', options);
    names.ask('a.test', { ...options });
    expect(names.system.map((asked) => asked.options)).toEqual([{}, options]);
  });

  it('answers with a list of its own', async () => {
    const names = new Names();
    const lists: (string | LookupAddress[])[] = [];
    for (let dial = 0; dial < 2; dial += 1)
      names.shared.lookup('a.test', { all: true }, { isCurrent: true }, (_error, list) => lists.push(list));
    const given = [{ address: '10.0.0.1', family: 4 }];
    names.system[0]?.answer(null, given);
    await nextTurn();
    expect(lists).toEqual([given, given]);
    expect(lists[0]).not.toBe(lists[1]);
    for (const list of lists) {
      expect(list).not.toBe(given);
      expect(list[0]).not.toBe(given[0]);
    }
  });

  it('answers in the async context of each caller, and never synchronously', async () => {
    const names = new Names(1);
    const storage = new AsyncLocalStorage<number>();
    const seen: unknown[] = [];
    for (const [index, name] of ['a.test', 'a.test', 'b.test'].entries()) {
      storage.run(index, () =>
        names.shared.lookup(name, {}, { isCurrent: true }, () => seen.push(storage.getStore())),
      );
    }
    storage.run(9, () => names.system[0]?.answer(null, '10.0.0.1', 4));
    expect(seen).toEqual([]);
    await names.answer('b.test');
    expect(seen).toEqual([0, 1, 2]);
  });

  it('answers the others when one answer throws', async () => {
    const names = new Names();
    const errors: unknown[] = [];
    process.setUncaughtExceptionCaptureCallback((error) => errors.push(error));
    try {
      const thrown = new Error('thrown by a listener');
      names.shared.lookup('a.test', {}, { isCurrent: true }, () => {
        throw thrown;
      });
      names.ask('a.test');
      await names.answer('a.test');
      expect(errors).toEqual([thrown]);
      expect(names.answers).toEqual(['a.test: 10.0.0.1']);
    } finally {
      process.setUncaughtExceptionCaptureCallback(null);
    }
  });

  it('counts only the first answer of a source, also where it is thrown', async () => {
    const thrower = new SharedLookups({
      system: () => {
        throw new Error('thrown');
      },
      direct: () => undefined,
      places: 1,
    });
    const messages: unknown[] = [];
    thrower.lookup('a.test', {}, { isCurrent: true }, (error) => messages.push(error?.message));
    await nextTurn();
    expect(messages).toEqual(['thrown']);
    expect(thrower.pending).toBe(0);
    const names = new Names();
    names.ask('a.test');
    await names.answer('a.test');
    names.ask('a.test');
    names.system[0]?.answer(null, '10.6.6.6', 4);
    await nextTurn();
    expect(names.answers).toEqual(['a.test: 10.0.0.1']);
    expect(names.shared.pending).toBe(1);
  });

  it('forgets dials that have given up, however long it takes', () => {
    const names = new Names();
    for (let dial = 0; dial < 1_000; dial += 1) names.ask('a.test').isCurrent = false;
    const tick = vi.spyOn(process, 'nextTick');
    names.system[0]?.answer(null, '10.0.0.1', 4);
    expect(tick.mock.calls.length).toBeLessThanOrEqual(16);
    tick.mockRestore();
  });
});

describe('more names than places', () => {
  it('wait for one, in their order', async () => {
    const names = new Names();
    for (const name of ['a.test', 'b.test', 'c.test', 'd.test']) names.ask(name);
    expect(names.begun).toEqual(['a.test', 'b.test']);
    await names.answer('b.test');
    await names.answer('a.test');
    expect(names.begun).toEqual(['a.test', 'b.test', 'c.test', 'd.test']);
    expect(names.directly).toEqual([]);
  });

  it('are never looked up where no dial waits any more', async () => {
    const names = new Names(1);
    names.ask('a.test');
    const dial = names.ask('b.test');
    names.ask('c.test');
    dial.isCurrent = false;
    await names.answer('a.test');
    expect(names.begun).toEqual(['a.test', 'c.test']);
    expect(names.shared.pending).toBe(1);
  });

  it('are dropped when no dial waits any more, however long nothing answers', async () => {
    const names = new Names(1);
    names.ask('a.test');
    for (let index = 0; index < 2_000; index += 1) names.ask(`n${index}.test`).isCurrent = false;
    expect(names.shared.pending).toBeLessThan(200);
    const last = names.ask('last.test');
    await names.answer('a.test');
    expect(names.begun).toEqual(['a.test', 'last.test']);
    expect(last.isCurrent).toBe(true);
  });
});

it('more names than are kept without a dial that waits are all looked up', async () => {
  const names = new Names(1);
  const list = Array.from({ length: 200 }, (_, index) => `n${index}.test`);
  for (const name of list) names.ask(name);
  expect(names.shared.pending).toBe(200);
  for (const name of list) await names.answer(name);
  expect(names.begun).toEqual(list);
});

describe('names that hang', () => {
  /** Names that have hung once and were answered then; the latest answers of the sources are forgotten. */
  async function hung(places: number, ...list: readonly string[]): Promise<Names> {
    const names = new Names(places);
    for (const name of list) {
      names.ask(name);
      await hang();
      await names.fail(name, 'no answer');
    }
    names.system.length = 0;
    names.direct.length = 0;
    names.answers.length = 0;
    return names;
  }

  it('share one place, and leave it when one is answered in time', async () => {
    const names = await hung(2, 'a.test', 'b.test', 'c.test');
    for (const name of ['a.test', 'b.test', 'c.test', 'well.test']) names.ask(name);
    expect(names.begun).toEqual(['a.test', 'well.test']);
    await names.answer('well.test');
    expect(names.begun).toEqual(['a.test', 'well.test']);
    await names.answer('a.test');
    expect(names.begun).toEqual(['a.test', 'well.test', 'b.test']);
    names.ask('a.test');
    expect(names.begun).toEqual(['a.test', 'well.test', 'b.test', 'a.test']);
  });

  it('stay where they are after a late answer', async () => {
    const names = await hung(2, 'a.test', 'b.test');
    names.ask('a.test');
    await hang();
    await names.answer('a.test');
    names.ask('a.test');
    names.ask('b.test');
    expect(names.begun).toEqual(['a.test', 'a.test']);
  });

  it('are told from those that are answered just in time', async () => {
    const names = new Names(2);
    for (const name of ['a.test', 'b.test']) {
      names.ask(name);
      await pass(slowAfter - 1, slowAfter);
      await names.answer(name);
    }
    names.ask('a.test');
    names.ask('b.test');
    expect(names.begun).toEqual(['a.test', 'b.test', 'a.test', 'b.test']);
  });

  it('are not those whose answer came while the event loop was blocked', async () => {
    const names = await hung(2, 'hung.test');
    names.ask('a.test');
    // The timer comes first, then the poll with the answer.
    vi.advanceTimersByTime(slowAfter);
    await names.answer('a.test');
    names.ask('hung.test');
    names.ask('a.test');
    expect(names.begun).toEqual(['a.test', 'hung.test', 'a.test']);
  });

  it('come after those that do not', async () => {
    const names = await hung(1, 'a.test');
    names.ask('well.test');
    names.ask('a.test');
    names.ask('new.test');
    await names.answer('well.test');
    expect(names.begun).toEqual(['well.test', 'new.test']);
    await names.answer('new.test');
    expect(names.begun).toEqual(['well.test', 'new.test', 'a.test']);
  });

  it('are remembered, a thousand of them', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => `n${index}.test`);
    const names = new Names(many.length);
    for (const name of many) names.ask(name);
    await hang();
    for (const name of many) await names.answer(name);
    names.system.length = 0;
    for (const name of many) names.ask(name);
    expect(names.begun).toEqual(['n0.test', 'n1.test']);
  });
});

describe('the name servers', () => {
  it('are asked when all places are held by names that hang, once for each name', async () => {
    const names = new Names();
    for (const name of ['a.test', 'b.test', 'well.test']) names.ask(name);
    await pass(slowAfter - 1, slowAfter);
    expect(names.directly).toEqual([]);
    await pass(1);
    expect(names.directly).toEqual(['well.test']);
    names.ask('well.test');
    names.ask('later.test');
    expect(names.directly).toEqual(['well.test', 'later.test']);
    await names.answer('well.test', '10.0.0.2', names.direct);
    expect(names.answers).toEqual(['well.test: 10.0.0.2', 'well.test: 10.0.0.2']);
    expect(names.shared.pending).toBe(3);
    expect(names.begun).toEqual(['a.test', 'b.test']);
  });

  it('are not asked while one place is left, or is held by a name that may still answer', async () => {
    const names = new Names();
    names.ask('a.test');
    await pass(slowAfter - 100, slowAfter);
    names.ask('b.test');
    names.ask('c.test');
    await pass(slowAfter - 100, slowAfter - 100);
    expect(names.directly).toEqual([]);
    await names.answer('b.test');
    expect(names.begun).toEqual(['a.test', 'b.test', 'c.test']);
    expect(names.directly).toEqual([]);
  });

  it('are asked for a name that hangs while another one holds the place of those', async () => {
    const names = new Names(3);
    names.ask('a.test');
    names.ask('b.test');
    await hang();
    await names.answer('a.test');
    expect(names.directly).toEqual([]);
    names.ask('a.test');
    expect(names.begun).toEqual(['a.test', 'b.test']);
    expect(names.directly).toEqual(['a.test']);
    await names.answer('b.test');
    expect(names.begun).toEqual(['a.test', 'b.test', 'a.test']);
    names.ask('b.test');
    expect(names.directly, 'the one that holds the place may answer').toEqual(['a.test']);
    await hang();
    expect(names.directly).toEqual(['a.test', 'b.test']);
  });

  it('know less than the system: only their addresses count', async () => {
    const names = new Names(1);
    names.ask('a.test');
    await hang();
    names.ask('b.test');
    await names.fail('b.test', 'no such name', names.direct);
    expect(names.answers).toEqual([]);
    names.ask('b.test');
    expect(names.directly).toEqual(['b.test', 'b.test']);
    await names.fail('a.test', 'no answer');
    await names.answer('b.test');
    expect(names.answers).toEqual(['a.test: no answer', 'b.test: 10.0.0.1', 'b.test: 10.0.0.1']);
  });

  it('may answer when the system is asked at last, which is joined by later dials', async () => {
    const names = new Names(1);
    names.ask('a.test');
    await hang();
    names.ask('b.test');
    await names.fail('a.test', 'no answer');
    expect(names.begun).toEqual(['a.test', 'b.test']);
    await names.answer('b.test', '10.0.0.2', names.direct);
    expect(names.answers).toEqual(['a.test: no answer', 'b.test: 10.0.0.2']);
    names.ask('b.test');
    expect(names.begun).toEqual(['a.test', 'b.test']);
    await names.answer('b.test');
    expect(names.answers).toEqual(['a.test: no answer', 'b.test: 10.0.0.2', 'b.test: 10.0.0.1']);
  });

  it('are not asked for a name that no dial waits for', async () => {
    const names = new Names(1);
    names.ask('a.test');
    names.ask('b.test').isCurrent = false;
    await hang();
    expect(names.directly).toEqual([]);
  });

  it('are asked for so many names at once', async () => {
    const names = new Names(1);
    names.ask('a.test');
    await hang();
    for (let index = 0; index < 300; index += 1) names.ask(`n${index}.test`);
    expect(names.directly).toHaveLength(256);
    await names.fail('n0.test', 'no answer', names.direct);
    names.ask('n299.test');
    expect(names.directly.at(-1)).toBe('n299.test');
  });
});

it('leaves no timer, nor one that keeps the process alive', async () => {
  const start = vi.spyOn(globalThis, 'setTimeout');
  const names = new Names();
  names.ask('a.test');
  names.ask('b.test');
  expect(vi.getTimerCount()).toBe(2);
  for (const { value } of start.mock.results) expect((value as NodeJS.Timeout).hasRef()).toBe(false);
  start.mockRestore();
  await names.answer('a.test');
  expect(vi.getTimerCount()).toBe(1);
  await hang();
  expect(vi.getTimerCount()).toBe(0);
});
