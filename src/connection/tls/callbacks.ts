import { types } from 'node:util';
import type { ConnectionOptions as NodeTlsOptions } from 'node:tls';
import { isError, OptionError } from '../../primitives/errors.js';
import { ignoreRejection } from '../../primitives/thenable.js';
import { toError } from '../../primitives/to-error.js';

type IdentityCheck = NonNullable<NodeTlsOptions['checkServerIdentity']>;
type PskCallback = NonNullable<NodeTlsOptions['pskCallback']>;

/** The longest pre-shared key that OpenSSL takes, in bytes. */
const longestKey = 512;

/**
 * The user's check of a server's identity, for one dial. Node.js calls it in the midst of the handshake, where what it throws
 * would end the process. What it throws goes to `refuse` instead, as does an answer that Node.js cannot understand: a promise
 * would count as a refusal without a reason.
 */
export function guardIdentityCheck(check: IdentityCheck, refuse: (error: Error) => void): IdentityCheck {
  return (host, certificate) => {
    try {
      const answer: unknown = check(host, certificate);
      if (!answer || isError(answer)) return answer as Error | undefined;
      throw resultError('checkServerIdentity', 'an Error or undefined', answer);
    } catch (thrown) {
      const error = toError(thrown);
      refuse(error);
      return error;
    }
  };
}

/**
 * The user's source of a pre-shared key. Node.js makes a failed dial of what it throws. But its own error for a wrong key would
 * show the key, and a promise that rejects would be an unhandled rejection.
 */
export function guardPskCallback(callback: PskCallback): PskCallback {
  return (hint) => {
    let answer: unknown;
    try {
      answer = callback(hint);
    } catch (thrown) {
      throw toError(thrown);
    }
    if (answer === null || answer === undefined || isPsk(answer)) return answer as ReturnType<PskCallback>;
    const expected = `null, or { psk: a Buffer of at most ${longestKey} bytes, identity: a string }`;
    throw resultError('pskCallback', expected, answer);
  };
}

function isPsk(answer: unknown): boolean {
  const { psk, identity } = answer as { psk?: unknown; identity?: unknown };
  return ArrayBuffer.isView(psk) && psk.byteLength <= longestKey && typeof identity === 'string';
}

function resultError(name: string, expected: string, answer: unknown): OptionError {
  ignoreRejection(answer);
  const got = types.isPromise(answer) ? 'a promise' : undefined;
  return new OptionError(`the result of tls.${name}`, expected, answer, got);
}
