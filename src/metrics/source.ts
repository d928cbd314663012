import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ChannelPayloads, ManagerStats, PoolStats } from '../index.js';
import { countFrom, isObject, readOptions } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import { now } from '../primitives/time.js';
import { isFrom } from '../telemetry/index.js';
import type { OwnerStats, Timing } from './table.js';

/**
 * A pool, as far as it is measured.
 *
 * @example
 * ```ts
 * import { createPool, type Handler } from 'connman';
 * import type { MeasuredPool } from 'connman/metrics';
 *
 * export function poolOf(factory: () => Handler): MeasuredPool {
 *   return createPool('caches', factory);
 * }
 * ```
 */
export interface MeasuredPool {
  /** The name of the pool, which is a label. */
  readonly name: string;
  /** Its snapshot. */
  stats(): PoolStats;
}

/**
 * A manager, as far as it is measured.
 *
 * @example
 * ```ts
 * import { ConnectionManager } from 'connman';
 * import type { MeasuredManager } from 'connman/metrics';
 *
 * export const measured: MeasuredManager = new ConnectionManager();
 * ```
 */
export interface MeasuredManager {
  /** Its present pools. */
  readonly pools: readonly MeasuredPool[];
  /** Its snapshot. */
  stats(): ManagerStats;
}

/** What is measured: a manager with all its pools and its connections without one, or some pools. */
export type Measured = MeasuredManager | MeasuredPool | readonly MeasuredPool[];

/** Options of both exporters. An option that is `undefined` counts as absent. */
export interface MetricsOptions {
  /**
   * How many endpoints of each pool, and of the lone connections, have series of their own: those with the most connections, until
   * they are gone. The others are added up as `other`. Each endpoint makes about 30 series.
   * @default 0
   */
  endpoints?: number | undefined;
}

/** A pool, or the lone connections of a manager, at one moment. */
export interface Owner {
  /** The same at each moment. */
  readonly identity: object;
  /** The name of the pool; empty for lone connections. */
  readonly pool: string;
  readonly stats: OwnerStats;
}

/** Where the numbers come from. */
export interface Source {
  snapshot(): readonly Owner[];
  /** Calls `tell` for each time that is measured. Returns what stops that. */
  time(tell: (what: Timing, pool: string, seconds: number) => void): () => void;
}

/** Checks the options. */
export function readMetrics(options: unknown): Required<{ endpoints: number }> {
  const { endpoints = 0 } = readOptions<MetricsOptions>('options', options, { endpoints: countFrom(0) });
  return { endpoints };
}

/** Checks what is to be measured. */
export function sourceOf(measured: unknown): Source {
  if (isManager(measured)) return managed(measured);
  const pools: readonly unknown[] = Array.isArray(measured) ? measured : [measured];
  if (!pools.every(isPool)) throw new OptionError('source', 'a ConnectionManager, a Pool or pools', measured);
  const names = pools.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new OptionError('source', 'pools of different names', measured, `two ${twice}`);
  return {
    snapshot: () => pools.map((pool) => ({ identity: pool, pool: pool.name, stats: pool.stats() })),
    time: (tell) => timeAll(() => pools.some(isFrom), tell),
  };
}

function managed(manager: MeasuredManager): Source {
  return {
    snapshot: () => {
      const { pools } = manager;
      const stats = manager.stats();
      const owners = stats.pools.map((each, index) => ({
        identity: pools[index] as object,
        pool: each.name,
        stats: each,
      }));
      return [...owners, { identity: manager, pool: '', stats: stats.lone }];
    },
    time: (tell) => timeAll(() => isFrom(manager), tell),
  };
}

function isManager(value: unknown): value is MeasuredManager {
  return isObject(value) && 'pools' in value && 'stats' in value && typeof value.stats === 'function';
}

function isPool(value: unknown): value is MeasuredPool {
  return isObject(value) && 'name' in value && 'stats' in value && typeof value.stats === 'function';
}

type Listener = (message: unknown) => void;

/** Subscribes to what is timed. A message counts only if `isOurs`, when it comes. */
function timeAll(
  isOurs: () => boolean,
  tell: (what: Timing, pool: string, seconds: number) => void,
): () => void {
  const began = new Map<number, number>();
  const listeners: Readonly<Record<string, Listener>> = {
    'connman:pool:acquire': (message) => {
      const { pool, waited } = message as ChannelPayloads['connman:pool:acquire'];
      if (isOurs()) tell('wait', pool, waited / 1_000);
    },
    'connman:pool:release': (message) => {
      const { pool, held } = message as ChannelPayloads['connman:pool:release'];
      if (held !== undefined && isOurs()) tell('held', pool, held / 1_000);
    },
    'connman:connection:dial': (message) => {
      if (isOurs()) began.set((message as ChannelPayloads['connman:connection:dial']).id, now());
    },
    'connman:connection:ready': (message) => {
      const { id, pool = '' } = message as ChannelPayloads['connman:connection:ready'];
      const beganAt = began.get(id);
      if (beganAt === undefined) return;
      began.delete(id);
      tell('connect', pool, (now() - beganAt) / 1_000);
    },
    'connman:connection:close': (message) => {
      began.delete((message as ChannelPayloads['connman:connection:close']).id);
    },
  };
  for (const [channel, listener] of Object.entries(listeners)) subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of Object.entries(listeners)) unsubscribe(channel, listener);
  };
}
