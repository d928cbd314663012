import { describe, expect } from 'vitest';
import { withRoute } from '../../src/dns/routes.js';
import { it } from '../support/fixtures.js';

const endpoints = (...hosts: string[]): { host: string; port: number }[] =>
  hosts.map((host) => ({ host, port: 80 }));

describe('a family without a route', () => {
  const both = endpoints('10.0.0.1', '10.0.0.2', '2001:db8::1', '2001:db8::2');
  it.for<[routes: string[], kept: typeof both]>([
    [['10.0.0.1'], both.slice(0, 2)],
    [['10.0.0.2'], both.slice(0, 2)],
    [['2001:db8::2'], both.slice(2)],
    [['10.0.0.1', '2001:db8::1'], both],
    [[], both],
  ])('is left out while the other has one: routes to %j', async ([routes, kept]) => {
    expect(await withRoute(both, async (address) => routes.includes(address))).toEqual(kept);
  });

  it('is not asked for without the other', async () => {
    const asked: string[] = [];
    const hasRoute = async (address: string): Promise<boolean> => asked.push(address) < 0;
    for (const one of [both.slice(0, 2), both.slice(2), []]) {
      expect(await withRoute(one, hasRoute)).toEqual(one);
    }
    expect(asked).toEqual([]);
  });

  it('is found out with few addresses, once each', async () => {
    const many = Array.from({ length: 100 }, (_, index) => [`10.0.0.${index}`, `::${index + 1}`]).flat();
    const asked: string[] = [];
    await withRoute(endpoints(...many, ...many), async (address) => asked.push(address) > 0);
    expect(asked).toHaveLength(8);
    expect(new Set(asked).size).toBe(8);
  });

  it('is what the system says it is: nothing leads to a link-local address without its interface', async () => {
    expect(await withRoute(endpoints('127.0.0.1', 'fe80::1'))).toEqual(endpoints('127.0.0.1'));
    expect(await withRoute(endpoints('127.0.0.1', '::1'))).toContainEqual({ host: '127.0.0.1', port: 80 });
  });
});
