import { isError, messageOf } from './describe.js';

/** What was thrown, or an error that says what it was: anything can be thrown, and what Node.js gets should be an Error. */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(messageOf(thrown), { cause: thrown });
}
