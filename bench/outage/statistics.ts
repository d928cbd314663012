import type { Step } from '../programs/outage-server.js';

/** What was seen of one outage; all times are of one clock, in milliseconds. */
export interface Outage {
  readonly lostAt: number;
  readonly returnedAt: number;
  /** When there was a dial, in order. */
  readonly dials: readonly number[];
  /** How many connections the server that returned had, from when on. */
  readonly steps: readonly Step[];
  /** The CPU of the process that dialled, from the loss to the return, in milliseconds. */
  readonly cpu: number;
  /** The part of it that came when the loss had been dealt with. */
  readonly cpuDown: number;
}

/** How soon the connections of an outage were back, in milliseconds; `Infinity` where they were not. */
export interface Return {
  readonly dials: number;
  readonly cpu: number;
  readonly cpuDown: number;
  /** From the return of the server to the first connection. */
  readonly first: number;
  /** From the first connection to the last. */
  readonly spread: number;
  /** From the return of the server to the last connection. */
  readonly all: number;
}

/** What an outage of `count` connections comes to. */
export function summarise({ lostAt, returnedAt, dials, steps, cpu, cpuDown }: Outage, count: number): Return {
  const firstAt = steps[0]?.at ?? Infinity;
  const allAt = steps.find(({ open }) => open >= count)?.at ?? Infinity;
  return {
    dials: dials.filter((at) => at >= lostAt && at < returnedAt).length,
    cpu,
    cpuDown,
    first: firstAt - returnedAt,
    spread: firstAt === Infinity ? Infinity : allAt - firstAt,
    all: allAt - returnedAt,
  };
}

/** How many of the `times` fall into each of the bins of that width, from `from` up to `to`. */
export function bins(times: readonly number[], from: number, to: number, width: number): readonly number[] {
  const counts = Array.from({ length: Math.ceil((to - from) / width) }, () => 0);
  for (const time of times) {
    const bin = Math.floor((time - from) / width);
    if (time < to && counts[bin] !== undefined) counts[bin] += 1;
  }
  return counts;
}

/** The one in the middle of some, by what is to be compared. */
export function middle<T>(all: readonly T[], of: (each: T) => number): T | undefined {
  return all.toSorted((a, b) => of(a) - of(b))[Math.floor((all.length - 1) / 2)];
}
