import { lookup } from 'node:dns';
import { defaultTimeout, lookupOf } from '../../resolver/index.js';
import { SharedLookups } from './shared-lookups.js';

let shared: SharedLookups | undefined;

/** The look-ups of this process by the system, which all its managers share. */
export function systemLookups(): SharedLookups {
  shared ??= new SharedLookups({
    // By its name at each call: applications replace it, to trace it or in tests.
    system: (name, options, answer) => lookup(name, options, answer),
    direct: lookupOf({ servers: undefined, timeout: defaultTimeout }),
    places: lookupThreads(process.env['UV_THREADPOOL_SIZE']),
  });
  return shared;
}

/** How many threads of libuv may look up names: half of its pool, so that files and cryptography keep the others. */
export function lookupThreads(poolSize: string | undefined): number {
  const size = poolSize === undefined ? 4 : Number.parseInt(poolSize, 10) || 1;
  return Math.floor((Math.min(Math.max(size, 1), 1_024) + 1) / 2);
}
