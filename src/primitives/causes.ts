import { messageOf } from './describe.js';

/** How far a chain of causes is followed: chains are short, and one may be a ring. */
const longestChain = 16;

/** How deep errors with `errors`, such as an `AggregateError`, are followed. */
const deepest = 3;

/** Whether an error is fatal, one in its chain of causes, or one of several that failed together. */
export function isFatal(error: unknown, depth: number = deepest): boolean {
  for (const each of follow(error, causeOf)) {
    if (memberOf(each, 'code') === 'CONNMAN_FATAL' || fatalOf(each, depth)) return true;
  }
  return false;
}

/** The fatal one of several errors that are told as one. */
function fatalOf(error: object, depth: number): unknown {
  const errors = depth > 0 && memberOf(error, 'errors');
  return Array.isArray(errors) ? errors.find((each) => isFatal(each, depth - 1)) : undefined;
}

/**
 * The code of the error at the end of a chain of causes, or of the last before it that has one: `ECONNREFUSED` of a
 * `DialError`. `undefined` where none has a code.
 */
export function rootCode(error: unknown): string | undefined {
  let found: string | undefined;
  for (const each of chainOf(error)) {
    const code = memberOf(each, 'code');
    if (typeof code === 'string') found = code;
  }
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

/** The chain of causes; of several errors that are told as one, it goes on with the fatal one. */
function chainOf(error: unknown): Generator<object> {
  return follow(error, (each) => fatalOf(each, deepest) ?? causeOf(each));
}

function* follow(error: unknown, next: (error: object) => unknown): Generator<object> {
  let present = error;
  for (let length = 0; length < longestChain && isObject(present); length += 1) {
    yield present;
    present = next(present);
  }
}

function causeOf(error: object): unknown {
  return memberOf(error, 'cause');
}

/** What was thrown may be anything: reading it may throw as well. */
function memberOf(thrown: object, name: 'code' | 'cause' | 'errors'): unknown {
  try {
    return (thrown as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
