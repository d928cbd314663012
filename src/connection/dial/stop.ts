import { HandshakeError, isFatal, OptionError } from '../../primitives/errors.js';
import { ignoreRejection } from '../../primitives/thenable.js';
import { reportError, type HandlerOwner } from '../handler/call-handler.js';
import type { ResolvedOptions } from '../options/options.js';
import type { CloseCode, Failure } from '../stats/counters.js';

/** Why no dial follows a failure. */
export interface Stop {
  readonly code: CloseCode & ('fatal' | 'gave-up');
  readonly error: unknown;
}

/** Whether another connection to the same endpoint, with such a handler, would end in the same way. */
export function endsForGood({ code, error }: { readonly code: CloseCode; readonly error: unknown }): boolean {
  return code === 'fatal' || (code === 'gave-up' && error instanceof HandshakeError);
}

/** No dial follows, as trying again cannot mend this. */
export function fatalStop(error: unknown): Stop {
  return { code: 'fatal', error };
}

/** Whose failures are judged. */
interface Judged extends HandlerOwner {
  readonly options: ResolvedOptions;
}

/**
 * Why no dial follows a failure; `undefined` where one does. It asks the option `shouldRetry`, which is user code: so it comes
 * before the change that belongs to the failure.
 */
export function judge(connection: Judged, failure: Failure): Stop | undefined {
  const { error, attempts } = failure;
  if (isFatal(error)) return fatalStop(error);
  if (attempts >= connection.options.maxAttempts) return { code: 'gave-up', error };
  return ask(connection, failure);
}

function ask(connection: Judged, failure: Failure): Stop | undefined {
  const { shouldRetry } = connection.options;
  if (!shouldRetry) return undefined;
  try {
    const { context } = connection;
    const answer: unknown = context.runInAsyncScope(shouldRetry, undefined, Object.freeze(failure));
    if (answer === false) return fatalStop(failure.error);
    ignoreRejection(answer);
    if (answer !== true) throw new OptionError('shouldRetry()', 'true or false as its answer', answer);
  } catch (error) {
    if (isFatal(error)) return fatalStop(error);
    process.nextTick(() => reportError(connection, error, 'shouldRetry'));
  }
  return undefined;
}
