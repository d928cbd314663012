export { readDrain, type DrainOptions } from './drain-options.js';
export type { HealthReport, PoolState } from './health.js';
export type { Lease } from './lease.js';
export type { AcquireOptions } from './lending.js';
export { Pool, type HandlerFactory } from './pool.js';
export type { DiscoverySource, PoolOptions } from './pool-options.js';
export type { EndpointStats, PoolStats } from './stats.js';
export type { SubsetOptions } from './subset-options.js';
