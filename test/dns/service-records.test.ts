import { expect } from 'vitest';
import { usableRecords } from '../../src/dns/service-records.js';
import { it } from '../support/fixtures.js';

function records(count: number): { name: string; port: number; priority: number; weight: number }[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `n${(index * 7_919) % count}.a.test`,
    port: 1 + (index % 3),
    priority: index % 5,
    weight: index,
  }));
}

const rule = { name: '_s._tcp.a.test', allowTarget: undefined };

it('keeps the lowest priority numbers, in the order of the targets, whatever the order of the answer', () => {
  const all = records(1_000);
  const { records: kept, omissions } = usableRecords(all, { ...rule, most: 300 });
  expect(kept).toHaveLength(300);
  expect(kept.map(({ priority }) => priority)).toEqual([...Array(200).fill(0), ...Array(100).fill(1)]);
  expect(omissions).toEqual(['maxEndpoints leaves out 700 of its 1000 targets']);
  expect(usableRecords(all.toReversed(), { ...rule, most: 300 }).records).toEqual(kept);
  const targets = kept.slice(0, 200).map(({ target }) => target);
  expect(targets).toEqual(targets.toSorted());
});

it('100 000 targets are cut to as many as allowed', () => {
  expect(usableRecords(records(100_000), { ...rule, most: 1_000 }).records).toHaveLength(1_000);
});
