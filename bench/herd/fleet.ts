import { type Course, dialTime, GatedProgram } from './gated.js';
import type { Policy } from './policies.js';
import { dialTimes, windowWidth } from './simulate.js';
import { mostAtOnce, quantile } from './statistics.js';

/** Programs with several connections each lose one server at time 0, and can reach it again after `outage` milliseconds. */
export interface Fleet {
  readonly programs: number;
  readonly connections: number;
  readonly outage: number;
}

/** What a fleet did. Shares are parts of all connections, from 0 to 1; times are milliseconds since the return. */
export interface FleetMeasurement {
  /** Dials of one program, those that succeed included. */
  readonly attemptsMean: number;
  /** The most dials within one window of 100 ms, as a part of all connections. */
  readonly worstShare: number;
  /** The same while the server was away, but for the first second, and once it was back. */
  readonly shareInOutage: number;
  readonly shareAfterReturn: number;
  /** When half of the programs have their first connection back. */
  readonly firstP50: number;
  /** When 99 % of the connections are back. */
  readonly recoveryP99: number;
  /** From a program's first connection back to its last, in the median. */
  readonly spreadP50: number;
}

/** What one program does until all of its connections are back. */
export type Program = (policy: Policy, fleet: Fleet, random: () => number) => Course;

/** All connections share a gate, as those of a manager do. */
export const gated: Program = (policy, { connections, outage }, random) =>
  new GatedProgram(policy, connections, random).run(outage);

/** Each connection for itself. */
export const ungated: Program = (policy, { connections, outage }, random) => {
  const each = Array.from({ length: connections }, () => dialTimes(policy, outage, random));
  return { dials: each.flat(), backs: each.map((dials) => (dials.at(-1) ?? outage) + dialTime) };
};

/** The first second after the loss is another matter: no program can know yet that the server stays away. */
const settled = 1_000;

export function measureFleet(
  program: Program,
  policy: Policy,
  fleet: Fleet,
  random: () => number,
): FleetMeasurement {
  const { programs, connections, outage } = fleet;
  const courses = Array.from({ length: programs }, () => program(policy, fleet, random));
  const dials = Float64Array.from(courses.flatMap((course) => course.dials)).toSorted();
  const worst = (from: number, to: number): number =>
    mostWithinWindow(dials.filter((time) => time >= from && time < to)) / (programs * connections);
  const firsts = courses.map(({ backs }) => Math.min(...backs));
  const lasts = courses.map(({ backs }) => Math.max(...backs));
  return {
    attemptsMean: dials.length / programs,
    worstShare: worst(0, Infinity),
    shareInOutage: worst(settled, outage),
    shareAfterReturn: worst(outage, Infinity),
    firstP50: sortedQuantile(firsts, 0.5) - outage,
    recoveryP99:
      sortedQuantile(
        courses.flatMap(({ backs }) => backs),
        0.99,
      ) - outage,
    spreadP50: sortedQuantile(
      lasts.map((last, index) => last - (firsts[index] ?? NaN)),
      0.5,
    ),
  };
}

function mostWithinWindow(dials: Float64Array): number {
  return mostAtOnce(
    dials,
    dials.map((time) => time + windowWidth),
  );
}

function sortedQuantile(values: readonly number[], part: number): number {
  return quantile(Float64Array.from(values).toSorted(), part);
}
