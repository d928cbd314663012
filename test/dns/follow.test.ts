import { describe, expect } from 'vitest';
import type { DiscoveredEndpoint } from '../../src/discovery/index.js';
import { readDnsOptions } from '../../src/dns/dns-options.js';
import { follow, type DnsAnswer } from '../../src/dns/follow.js';
import { DiscoveryError } from '../../src/primitives/errors.js';
import { pass, withFakeTime } from '../support/fake-time.js';
import { it, next } from './iterations.js';

function endpoint(host: string, priority = 0): DiscoveredEndpoint {
  return { host, port: 1, priority };
}

/** What follows answers that are given, instead of looked up; `asked` tells when, by the clock. */
function following(answers: (look: number) => DnsAnswer, options: object = {}, chance = 0) {
  const asked: number[] = [];
  const source = follow({
    name: 'a.test',
    settings: readDnsOptions(options),
    begin: () => async () => answers(asked.push(performance.now())),
    random: () => chance,
  });
  return { source, asked };
}

describe('follow', () => {
  it.for([
    [0, 10_000],
    [0.5, 9_500],
    [1, 9_000],
  ])('with chance %d, looks again after %d of 10 000 ms', async ([chance, delay], { open }) => {
    await withFakeTime(async () => {
      const answer = (look: number): DnsAnswer => ({ endpoints: [endpoint(`${look}.test`)], ttl: 10 });
      const { source, asked } = following(answer, {}, chance);
      const iteration = open(source);
      for (const look of [1, 2, 3]) {
        const snapshot = next(iteration);
        await pass(look === 1 ? 0 : (delay ?? 0), 10_000);
        expect(await snapshot).toEqual([endpoint(`${look}.test`)]);
      }
      expect(asked.map((each) => each - (asked[0] ?? 0))).toEqual([0, delay, 2 * (delay ?? 0)]);
    });
  });

  it('gives the same snapshot for the same endpoints, and keeps those of the lowest priority number', async ({
    open,
  }) => {
    const all = [endpoint('c', 10), endpoint('b', 2), endpoint('a', 10), endpoint('d', 0), endpoint('d', 0)];
    const { source, asked } = following(
      (look) => ({ endpoints: look % 2 ? all : all.toReversed(), ttl: look < 5 ? 0 : 1_000 }),
      { maxEndpoints: 3, minRefresh: 1 },
    );
    const iteration = open(source);
    expect(await next(iteration)).toEqual([endpoint('d', 0), endpoint('b', 2), endpoint('a', 10)]);
    const none = iteration.next();
    while (asked.length < 5) await new Promise((resolve) => setImmediate(resolve));
    await iteration.return?.();
    expect(await none).toEqual({ done: true, value: undefined });
  });

  it('gives a snapshot when only a weight or a priority has changed', async ({ open }) => {
    const changes = [{}, { weight: 1 }, { weight: 2 }, { weight: 2, priority: 1 }];
    const { source } = following(
      (look) => ({
        endpoints: [{ host: 'a', port: 1, ...changes[Math.min(look, changes.length) - 1] }],
        ttl: 0,
      }),
      { minRefresh: 1 },
    );
    const iteration = open(source);
    for (const change of changes) expect(await next(iteration)).toEqual([{ host: 'a', port: 1, ...change }]);
  });

  it('a look-up that fails is a DiscoveryError with its cause, whatever was thrown', async ({ open }) => {
    const own = new DiscoveryError('mine', 'a.test');
    for (const thrown of [new Error('x'), 'x', undefined]) {
      const { source } = following(() => {
        throw thrown;
      });
      await expect(next(open(source))).rejects.toMatchObject({
        message: `the look-up of a.test failed: ${thrown === undefined ? 'undefined' : 'x'}`,
        domain: 'a.test',
        cause: thrown,
      });
    }
    const { source } = following(() => {
      throw own;
    });
    await expect(next(open(source))).rejects.toBe(own);
  });
});
