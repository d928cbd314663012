import { describe, expect, it } from 'vitest';
import type { DiscoveredEndpoint } from '../../src/discovery/index.js';
import { Lingering } from '../../src/dns/lingering.js';

const endpoints = (hosts: string): DiscoveredEndpoint[] => Array.from(hosts, (host) => ({ host, port: 1 }));
const hosts = (lingering: Lingering): string => lingering.endpoints.map(({ host }) => host).join('');

describe('what an answer leaves out', () => {
  it('lingers from then on, and goes at its time', () => {
    const lingering = new Lingering(100, 500);
    lingering.take(endpoints('abc'), 0, 9);
    expect([hosts(lingering), lingering.nextEnd]).toEqual(['', Infinity]);
    lingering.take(endpoints('bcd'), 10, 9);
    lingering.take(endpoints('cde'), 30, 9);
    expect([hosts(lingering), lingering.nextEnd]).toEqual(['ba', 110]);
    lingering.expire(109);
    expect(hosts(lingering)).toBe('ba');
    lingering.expire(110);
    expect([hosts(lingering), lingering.nextEnd]).toEqual(['b', 130]);
    lingering.take(endpoints('cde'), 130, 9);
    expect(hosts(lingering)).toBe('');
  });

  it('lingers no more when it is back, and anew when it is left out again', () => {
    const lingering = new Lingering(100, 500);
    lingering.take(endpoints('ab'), 0, 9);
    lingering.take(endpoints('b'), 10, 9);
    lingering.take(endpoints('ab'), 50, 9);
    expect(hosts(lingering)).toBe('');
    lingering.take(endpoints('b'), 60, 9);
    expect(lingering.nextEnd).toBe(160);
  });

  it('is limited in number: the latest stay', () => {
    const lingering = new Lingering(100, 500);
    for (const [moment, host] of Array.from('abcdef').entries()) lingering.take(endpoints(host), moment, 3);
    expect(hosts(lingering)).toBe('edc');
  });

  it('does not linger when it is older than an answer may be', () => {
    for (const [moment, lingers] of [
      [600, 'a'],
      [601, ''],
    ] as const) {
      const lingering = new Lingering(100, 500);
      lingering.take(endpoints('a'), 0, 9);
      lingering.take(endpoints('b'), moment, 9);
      expect(hosts(lingering)).toBe(lingers);
    }
  });

  it('is gone at once without a time', () => {
    const lingering = new Lingering(0, 500);
    lingering.take(endpoints('ab'), 0, 9);
    lingering.take(endpoints('b'), 0, 9);
    expect([hosts(lingering), lingering.nextEnd]).toEqual(['', Infinity]);
  });
});
