export { readDrain, type DrainOptions } from './members/drain-options.js';
export type { HealthReport, PoolState } from './members/health.js';
export type { Lease } from './leases/lease.js';
export type { AcquireOptions } from './leases/leases.js';
export { Pool, type HandlerFactory } from './pool.js';
export type { DiscoverySource, PoolOptions } from './options.js';
export type { EndpointStats, PoolStats } from './stats.js';
export type { SubsetOptions } from './following/subset-options.js';
