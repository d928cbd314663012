import { abortSignal, check, milliseconds, readOptions, type Check } from '../../primitives/checks.js';

/** How to pick. */
export interface PickOptions {
  /**
   * What the request is about, such as the key of a cache. The same key gives the same endpoint in all programs, while it is
   * ready: by rendezvous hashing, by the weights of the endpoints. When one goes, its keys move to all others, and no other key
   * moves; when it is back, so are its keys.
   * @default none: the option `pick` of the pool chooses
   */
  key?: string | undefined;
}

/** How to wait for a pick. */
export interface PickReadyOptions extends PickOptions {
  /**
   * How long to wait, in milliseconds. With 0, `pickReady()` rejects at once when no connection is free.
   * @default the pool's `acquireTimeout`
   */
  timeout?: number | undefined;
  /** Aborting it rejects the promise with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const pickChecks: Readonly<Record<keyof PickOptions, Check>> = {
  key: check('a string', (value) => typeof value === 'string'),
};

const checks: Readonly<Record<keyof PickReadyOptions, Check>> = {
  ...pickChecks,
  timeout: milliseconds,
  signal: abortSignal,
};

/** Checks the options of `pick()`. */
export function readPick(options: PickOptions): Readonly<PickOptions> {
  return readOptions<PickOptions>('options', options, pickChecks);
}

/** Checks the options of `pickReady()`. */
export function readPickReady(options: PickReadyOptions = {}): Readonly<PickReadyOptions> {
  return readOptions<PickReadyOptions>('options', options, checks);
}
