import { chooseSubset } from '../../src/pool/following/subset.js';
import { mean, quantile } from '../herd/statistics.js';

/** So many programs and servers, by their keys. */
export interface Fleet {
  readonly programs: readonly string[];
  readonly servers: readonly string[];
}

/** How many connections the servers have. */
export interface Spread {
  readonly connections: number;
  readonly min: number;
  readonly p1: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
  /** The standard deviation, as a part of the mean. */
  readonly deviation: number;
}

/** What one change of the list of servers makes of the connections. */
export interface Move {
  /** How many connections are opened, by all programs together. */
  readonly opened: number;
  /** The most that one server is dialled for it. */
  readonly mostAtOne: number;
}

/** What each program has chosen, in the order of the programs. */
export type Choices = readonly (readonly string[])[];

const itself = (server: string): string => server;

/** What each program chooses. */
export function choose({ programs, servers }: Fleet, size: number): Choices {
  return programs.map((program) => chooseSubset(servers, size, program, itself));
}

export function spreadOf(choices: Choices, servers: readonly string[]): Spread {
  const counts = new Map(servers.map((server) => [server, 0]));
  for (const server of choices.flat()) counts.set(server, (counts.get(server) ?? 0) + 1);
  const sorted = Float64Array.from(counts.values()).toSorted();
  const average = mean([...sorted]);
  return {
    connections: sorted.reduce((sum, count) => sum + count, 0),
    min: quantile(sorted, 0),
    p1: quantile(sorted, 0.01),
    median: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: quantile(sorted, 1),
    deviation: Math.sqrt(mean([...sorted].map((count) => (count - average) ** 2))) / average,
  };
}

/** What is opened between two choices of the same programs. */
export function moveBetween(before: Choices, after: Choices): Move {
  const dialled = new Map<string, number>();
  for (const [program, chosen] of after.entries()) {
    const held = new Set(before[program]);
    for (const server of chosen) if (!held.has(server)) dialled.set(server, (dialled.get(server) ?? 0) + 1);
  }
  const counts = [...dialled.values()];
  return { opened: counts.reduce((sum, count) => sum + count, 0), mostAtOne: Math.max(0, ...counts) };
}

/** One server goes: only the programs that used it dial another. */
export function removal(fleet: Fleet, size: number, before: Choices, gone: string): Move {
  const servers = fleet.servers.filter((server) => server !== gone);
  const after = before.map((chosen, index) =>
    chosen.includes(gone) ? chooseSubset(servers, size, fleet.programs[index] ?? '', itself) : chosen,
  );
  return moveBetween(before, after);
}

/** One server comes. */
export function addition(fleet: Fleet, size: number, before: Choices, coming: string): Move {
  return moveBetween(before, welcome(fleet, size, before, coming));
}

/** Each server is replaced by another in its turn, both in the same snapshot: what each step opens. */
export function replacement(fleet: Fleet, size: number, newServers: readonly string[]): Move[] {
  const servers = [...fleet.servers];
  let choices = choose(fleet, size);
  return newServers.map((coming, index) => {
    servers[index] = coming;
    const before = choices;
    choices = welcome({ ...fleet, servers }, size, before, coming);
    return moveBetween(before, choices);
  });
}

/**
 * What each program chooses once there is a new server. One that has lost none of its own chooses between those and the new
 * one: of all it would be the same, as the tests say, but take far longer.
 */
function welcome({ programs, servers }: Fleet, size: number, before: Choices, coming: string): Choices {
  const present = new Set(servers);
  return before.map((chosen, program) => {
    const among = chosen.every((server) => present.has(server)) ? [...chosen, coming] : servers;
    return chooseSubset(among, size, programs[program] ?? '', itself);
  });
}
