import { messageOf } from './describe.js';

/** How far a chain of causes is followed: chains are short, and one may be a ring. */
const longestChain = 16;

/** Whether an error, or one in its chain of causes, is fatal. */
export function isFatal(error: unknown): boolean {
  // Asked for each of many connections that wait for one dial: no iterator, no array.
  let present = error;
  for (let length = 0; length < longestChain && isObject(present); length += 1) {
    if (present.code === 'CONNMAN_FATAL') return true;
    present = present.cause;
  }
  return false;
}

/**
 * The code of the error at the end of a chain of causes, or of the last before it that has one: `ECONNREFUSED` of a
 * `DialError`. `undefined` where none has a code.
 */
export function rootCode(error: unknown): string | undefined {
  let found: string | undefined;
  for (const { code } of chainOf(error)) if (typeof code === 'string') found = code;
  return found;
}

/** The error at the end of a chain of causes. */
export function rootCause(error: unknown): unknown {
  return [...chainOf(error)].at(-1) ?? error;
}

/** A message that ends with its cause, and with the root of that. */
export function withCause(message: string, cause: unknown): string {
  if (cause === undefined) return message;
  const [near, root] = [messageOf(cause), messageOf(rootCause(cause))];
  const explained = near === '' ? message : `${message}: ${near}`;
  return explained.includes(root) ? explained : `${explained}: ${root}`;
}

function* chainOf(error: unknown): Generator<{ readonly code?: unknown }> {
  let present = error;
  for (let length = 0; length < longestChain && isObject(present); length += 1) {
    yield present;
    present = present.cause;
  }
}

function isObject(value: unknown): value is { readonly code?: unknown; readonly cause?: unknown } {
  return typeof value === 'object' && value !== null;
}
