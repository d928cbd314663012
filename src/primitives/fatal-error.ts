import { messageOf } from './describe.js';

/** How far a chain of causes is followed: chains are short, and one may be a ring. */
const longestChain = 16;

/**
 * A failure that trying again cannot mend, such as a wrong password. Throw it in `onConnect`, `onReconnect`, or any other
 * callback that a dial waits for: the connection is closed with the code `fatal`, and does not dial again. It may also be the
 * `cause` of the error that you throw.
 *
 * @example
 * ```ts
 * import { once } from 'node:events';
 * import { FatalError, type ManagedSocket } from 'connman';
 *
 * export async function logIn(socket: ManagedSocket, password: string): Promise<void> {
 *   socket.write(`AUTH ${password}\r\n`);
 *   const [answer] = await once(socket, 'data');
 *   if (String(answer).startsWith('-WRONGPASS')) throw new FatalError('wrong password');
 * }
 * ```
 */
export class FatalError extends Error {
  /** The name of the class, which no minifier changes. */
  override readonly name: string = 'FatalError';
  /** By this code connman recognises it, also where another copy of connman has made it. */
  readonly code = 'CONNMAN_FATAL' as const;
}

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

/** The error at the end of a chain of causes. */
function rootCause(error: unknown): unknown {
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
