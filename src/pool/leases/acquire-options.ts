import { abortSignal, boolean, milliseconds, readOptions, type Check } from '../../primitives/checks.js';

/** What kind of lease. */
export interface LeaseOptions {
  /**
   * Whether the lease outlives the life in which it begins. Then the connection dials again while it is lent, and `use()` does
   * not tell one life from another.
   * @default false
   */
  lasting?: boolean | undefined;
}

/** How to wait for a lease. */
export interface AcquireOptions extends LeaseOptions {
  /**
   * How long to wait, in milliseconds. With 0, `acquire()` rejects at once when no connection is free.
   * @default the pool's `acquireTimeout`
   */
  timeout?: number | undefined;
  /** Aborting it rejects the promise with the signal's reason. A lease that was given before is not affected. */
  signal?: AbortSignal | undefined;
}

const leaseChecks: Readonly<Record<keyof LeaseOptions, Check>> = { lasting: boolean };

const checks: Readonly<Record<keyof AcquireOptions, Check>> = {
  ...leaseChecks,
  timeout: milliseconds,
  signal: abortSignal,
};

const none: Readonly<AcquireOptions> = Object.freeze({});

/** Checks the options of `acquire()` and `use()`. */
export function readAcquire(options: AcquireOptions | undefined): Readonly<AcquireOptions> {
  return options === undefined ? none : readOptions<AcquireOptions>('options', options, checks);
}

/** Checks the options of `tryAcquire()`. */
export function readLease(options: LeaseOptions | undefined): Readonly<LeaseOptions> {
  return options === undefined ? none : readOptions<LeaseOptions>('options', options, leaseChecks);
}
