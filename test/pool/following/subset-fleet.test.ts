import { describe, expect, it } from 'vitest';
import {
  addition,
  choose,
  moveBetween,
  removal,
  replacement,
  spreadOf,
} from '../../../bench/subset/simulate.js';

const names = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${index}`);

const fleet = { programs: names(200, 'web'), servers: names(100, 'cache') };
const [size, fair] = [10, 20];

describe('subsets of 10 in a fleet of 200 programs and 100 servers', () => {
  const choices = choose(fleet, size);

  it('leave no server without connections, and give none three times its share', () => {
    const { connections, min, median, max, deviation } = spreadOf(choices, fleet.servers);
    expect(connections).toBe(size * fleet.programs.length);
    expect(min).toBeGreaterThan(0);
    expect(max).toBeLessThan(3 * fair);
    expect(Math.abs(median - fair)).toBeLessThanOrEqual(2);
    // As by lot: √(0.9 / 20).
    expect(deviation).toBeGreaterThan(0.15);
    expect(deviation).toBeLessThan(0.28);
  });

  it('move the connections of a server that goes, and no other', () => {
    for (const gone of fleet.servers) {
      const held = choices.filter((chosen) => chosen.includes(gone)).length;
      const after = choose({ ...fleet, servers: fleet.servers.filter((server) => server !== gone) }, size);
      expect(moveBetween(choices, after).opened).toBe(held);
      expect(removal(fleet, size, choices, gone)).toEqual(moveBetween(choices, after));
    }
  });

  it('move no connection but to the server that comes', () => {
    for (const coming of names(20, 'new')) {
      const after = choose({ ...fleet, servers: [...fleet.servers, coming] }, size);
      const { opened, mostAtOne } = moveBetween(choices, after);
      expect(opened).toBe(mostAtOne);
      expect(addition(fleet, size, choices, coming)).toEqual({ opened, mostAtOne });
    }
  });

  it('open each connection about twice while all servers are replaced', () => {
    const newServers = names(100, 'new');
    const steps = replacement(fleet, size, newServers);
    let before = choices;
    for (const [index, step] of steps.entries()) {
      const servers = [...newServers.slice(0, index + 1), ...fleet.servers.slice(index + 1)];
      const after = choose({ ...fleet, servers }, size);
      expect(step).toEqual(moveBetween(before, after));
      before = after;
    }
    const opened = steps.reduce((sum, step) => sum + step.opened, 0);
    expect(opened / (size * fleet.programs.length)).toBeGreaterThanOrEqual(1);
    expect(opened / (size * fleet.programs.length)).toBeLessThan(2.2);
  });
});
