import { ADDRCONFIG, ALL, V4MAPPED, type LookupOptions } from 'node:dns';
import { expect, it } from 'vitest';
import { arrange, familiesToAsk, readWanted, systemReach } from '../../src/resolver/families.js';

const found = [
  { address: '10.0.0.1', family: 4 },
  { address: 'fd00::1', family: 6 },
  { address: '10.0.0.2', family: 4 },
];
const both = { v4: true, v6: true };
const only4 = { v4: true, v6: false };
const only6 = { v4: false, v6: true };
const v4 = ['10.0.0.1', '10.0.0.2'];

it.each<[LookupOptions, typeof both, readonly string[]]>([
  [{ family: 4 }, both, v4],
  [{ family: 'IPv4' }, only6, v4],
  [{ family: 6 }, both, ['fd00::1']],
  [{ family: 'IPv6' }, both, ['fd00::1']],
  [{ order: 'verbatim' }, both, ['fd00::1', ...v4]],
  [{ order: 'verbatim' }, only6, ['fd00::1', ...v4]],
  [{ order: 'verbatim' }, only4, [...v4, 'fd00::1']],
  [{ verbatim: true }, only4, [...v4, 'fd00::1']],
  [{ verbatim: false }, both, [...v4, 'fd00::1']],
  [{ order: 'ipv4first' }, both, [...v4, 'fd00::1']],
  [{ order: 'ipv6first', verbatim: false }, only4, ['fd00::1', ...v4]],
  [{ family: 6, hints: V4MAPPED }, both, ['fd00::1']],
  [{ family: 6, hints: ALL }, both, ['fd00::1']],
  [{ family: 6, hints: V4MAPPED | ALL }, both, ['fd00::1', '::ffff:10.0.0.1', '::ffff:10.0.0.2']],
])('%j where %j gives %j', (options, reach, expected) => {
  expect(arrange(found, readWanted(options), reach).map(({ address }) => address)).toEqual(expected);
});

it('without an IPv6 address, those of IPv4 are mapped where that is asked for', () => {
  const [first = { address: '', family: 0 }] = found;
  const addresses = arrange([first], readWanted({ family: 6, hints: V4MAPPED }), both);
  expect(addresses).toEqual([{ address: '::ffff:10.0.0.1', family: 6 }]);
});

it.each<[LookupOptions, typeof both, readonly number[]]>([
  [{}, only4, [4, 6]],
  [{ hints: ADDRCONFIG }, both, [4, 6]],
  [{ hints: ADDRCONFIG }, only4, [4]],
  [{ hints: ADDRCONFIG }, only6, [6]],
  [{ family: 4 }, only6, [4]],
  [{ family: 4, hints: ADDRCONFIG }, only6, []],
  [{ family: 6, hints: ADDRCONFIG }, only4, []],
  [{ family: 6, hints: V4MAPPED }, both, [4, 6]],
  [{ family: 6, hints: V4MAPPED | ADDRCONFIG }, only6, [4, 6]],
])('%j where %j asks for the families %j', (options, reach, families) => {
  expect(familiesToAsk(readWanted(options), reach)).toEqual(families);
});

it('this host can send from an address of one family at least', () => {
  const { v4: isV4, v6: isV6 } = systemReach();
  expect(isV4 || isV6).toBe(true);
});
