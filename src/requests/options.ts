import {
  abortSignal,
  anything,
  countFrom,
  isObject,
  positiveMilliseconds,
  readOptions,
  type Check,
} from '../primitives/checks.js';

/** The options of `new Requests()`. */
export interface RequestOptions {
  /**
   * How long a request may wait for its answer, in milliseconds.
   * @default 10 000
   */
  timeout?: number | undefined;
  /**
   * How many requests may be pending; `send()` refuses more.
   * @default 10 000
   */
  limit?: number | undefined;
  /**
   * In order only: the life ends when the oldest request has had no answer for this long, in milliseconds, and its own timeout
   * is over as well. One that waited behind such a request has this time again.
   * @default three times `timeout`
   */
  stall?: number | undefined;
}

/** The options of one request. */
export interface SendOptions {
  /** By what its answer is known. All requests of one `Requests` have a key, or none has. */
  key?: unknown;
  /**
   * How long it may wait for its answer, in milliseconds.
   * @default the `timeout` of the `Requests`
   */
  timeout?: number | undefined;
  /** Aborting it rejects the promise with the signal's reason. What was sent stays sent. */
  signal?: AbortSignal | undefined;
}

export const requestChecks: Readonly<Record<keyof RequestOptions, Check>> = {
  timeout: positiveMilliseconds,
  limit: countFrom(1),
  stall: positiveMilliseconds,
};
const sendChecks: Readonly<Record<keyof SendOptions, Check>> = {
  key: anything,
  timeout: positiveMilliseconds,
  signal: abortSignal,
};

/** A checked copy of the options of one request. */
export function readSend(options: SendOptions): SendOptions {
  return readOptions<SendOptions>('options', options, sendChecks);
}

/**
 * Whether there is a key alone, which is what most requests have: then nothing needs a check. To read the options takes as long as to
 * make the request.
 */
export function hasKeyAlone(options: unknown): options is { readonly key?: unknown } {
  if (!isObject(options) || !Object.hasOwn(options, 'key')) return false;
  for (const name in options) if (name !== 'key') return false;
  return true;
}
