export { Pool, type HandlerFactory, type PoolOptions } from './pool.js';
export type { PoolStats } from './stats.js';
