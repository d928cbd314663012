import type { Handler } from '../connection/index.js';
import { publishPoolCreate } from '../telemetry/index.js';
import type { HandlerFactory, PoolOwner } from './core.js';
import type { PoolOptions } from './options.js';
import { Pool } from './pool.js';

/**
 * The way into this room: a program that makes no pool never loads what is behind it. The owner is told of the pool through
 * `listed` before anything can end it.
 */
export function createPool<H extends Handler>(
  name: string,
  factory: HandlerFactory<H>,
  options: PoolOptions<H>,
  owner: PoolOwner,
  listed: (pool: Pool<H>) => void,
): Pool<H> {
  return new Pool(name, factory, options, owner, (pool) => {
    listed(pool);
    publishPoolCreate(pool);
  });
}
