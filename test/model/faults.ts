import * as fc from 'fast-check';
import {
  echo,
  end,
  endAt,
  garbage,
  greet,
  halfOpen,
  reset,
  resetAt,
  respond,
  silent,
  slow,
  stall,
  type Fault,
} from '../../src/testing/index.js';
import type { Treatment } from './world.js';

interface Named {
  readonly label: string;
  readonly make: (connection: number) => Fault;
}

const named = (label: string, make: (connection: number) => Fault): fc.Arbitrary<Named> =>
  fc.constant({ label, make });

const bytes = fc.integer({ min: 0, max: 200 });

// Ends inside a character.
const greeting: fc.Arbitrary<Named> = fc.constantFrom(1, 2, 50, 5_000).map((times) => ({
  label: `greet(×${times})`,
  make: (connection: number) => greet(Buffer.from(`<g${connection} é€😀`.repeat(times)).subarray(0, -2)),
}));

const fault: fc.Arbitrary<Named> = fc.oneof(
  { weight: 4, arbitrary: greeting },
  named('echo', () => echo()),
  named('silent', () => silent()),
  named('stall', () => stall()),
  named('end', () => end()),
  named('reset', () => reset()),
  named('halfOpen', () => halfOpen()),
  named('respond', () => respond((chunk, { number }) => `<a${number} ${chunk.length} é€😀>`)),
  bytes.map((at) => ({ label: `endAt(${at})`, make: () => endAt(at) })),
  bytes.map((at) => ({ label: `resetAt(${at})`, make: () => resetAt(at) })),
  bytes.map((noise) => ({ label: `garbage(${noise})`, make: () => garbage(noise) })),
  fc
    .integer({ min: 1, max: 9 })
    .map((size) => ({ label: `slow(${size})`, make: () => slow({ bytes: size }) })),
);

/** How connections are treated, with a name for it: some faults together, for all or for every second connection. */
export const treatment: fc.Arbitrary<{ label: string; treat: Treatment }> = fc
  .record({ faults: fc.array(fault, { minLength: 1, maxLength: 3 }), everySecond: fc.boolean() })
  .map(({ faults, everySecond }) => ({
    label: `${faults.map(({ label }) => label).join('+')}${everySecond ? ' for every second' : ''}`,
    treat: (connection) =>
      everySecond && connection % 2 === 0 ? [echo()] : faults.map(({ make }) => make(connection)),
  }));
