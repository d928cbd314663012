/**
 * A failure that trying again cannot mend, such as a wrong password. Throw it in `onConnect`, `onReconnect`, or any other
 * callback that a dial waits for: the connection is closed with the code `fatal`, and does not dial again. It may also be the
 * `cause` of the error that you throw, or one of the errors of an `AggregateError`.
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
