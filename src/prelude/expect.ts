import { isRegExp } from 'node:util/types';
import type { PreludeSocket } from '../connection/index.js';
import { OptionError } from '../primitives/errors.js';

/** How many bytes an answer may have. */
const longestAnswer = 65_536;

/** How much of an answer an error shows. */
const longestShown = 100;

/**
 * Reads an answer in a prelude: up to the end of the first match of `whole`, in what the peer has sent, each byte as one character
 * (Latin-1). What comes after it is put back. With `wanted`, the answer has to match that as well. Resolves with the match.
 *
 * @throws (rejects) an `Error` with the answer if that is not `wanted`; the error of the socket, or one that says that the peer
 * has ended; and when 65 536 bytes have come without a match.
 *
 * @example
 * ```ts
 * import { connect, type Prelude } from 'connman';
 * import { expect } from 'connman/prelude';
 *
 * const reply = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/;
 *
 * const startTls: Prelude = async (socket) => {
 *   await expect(socket, reply, /^220/);
 *   socket.write('EHLO client.example.com\r\n');
 *   await expect(socket, reply, /^250/);
 *   socket.write('STARTTLS\r\n');
 *   await expect(socket, reply, /^220/);
 * };
 *
 * connect(587, 'mail.example.com', { onConnect: () => {} }, { prelude: startTls, tls: true });
 * ```
 */
export async function expect(
  socket: PreludeSocket,
  whole: RegExp,
  wanted?: RegExp,
): Promise<RegExpExecArray> {
  checkPattern('whole', whole);
  if (wanted !== undefined) checkPattern('wanted', wanted);
  const pattern = stateless(whole);
  let said = Buffer.alloc(0);
  for await (const chunk of read(socket)) {
    said = Buffer.concat([said, chunk]);
    const text = said.toString('latin1');
    const match = pattern.exec(text);
    if (match) {
      const end = match.index + match[0].length;
      const answer = text.slice(0, end);
      if (end < said.length) socket.unshift(said.subarray(end));
      if (wanted && !stateless(wanted).test(answer)) throw new Error(`the peer answered ${shown(answer)}`);
      return match;
    }
    if (said.length > longestAnswer)
      throw new Error(`no end of an answer within ${longestAnswer} bytes: ${shown(text)}`);
  }
  const error = new Error(
    `the peer has ended the link ${said.length > 0 ? `after ${shown(said.toString('latin1'))}` : 'without an answer'}`,
  );
  throw Object.assign(error, { code: 'ECONNRESET' });
}

/** The chunks as they come. Leaving the loop does not destroy the socket, also where that is a stream of others. */
function read(socket: PreludeSocket): AsyncIterable<Buffer> {
  return socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

/** The start of an answer on one line. */
export function shown(answer: string): string {
  const line = answer.trimEnd();
  return JSON.stringify(line.length > longestShown ? `${line.slice(0, longestShown)}…` : line);
}

/** A pattern that begins at the beginning each time. */
function stateless({ source, flags }: RegExp): RegExp {
  return new RegExp(source, flags.replaceAll(/[gy]/g, ''));
}

function checkPattern(name: string, value: unknown): void {
  if (!isRegExp(value)) throw new OptionError(name, 'a RegExp', value);
}
