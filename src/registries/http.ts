import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { TlsOptions } from '../index.js';

/** A question to an HTTP server. */
export interface Question {
  readonly url: URL;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions | undefined;
}

/** Posts JSON, over a connection of its own. Resolves when the answer begins. */
export function post({ url, body, headers, tls }: Question, signal: AbortSignal): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    signal,
    headers: { ...headers, 'Content-Type': 'application/json' },
  };
  return new Promise((resolve, reject) => {
    const asked =
      url.protocol === 'https:'
        ? requestSecure(url, { ...(tls as object), ...options })
        : requestPlain(url, options);
    asked.on('error', reject).on('response', resolve).end(JSON.stringify(body));
  });
}

/** The text of an answer of at most `most` bytes. */
export async function textOf(response: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new Error(`the answer has more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The lines of an answer, each of at most `most` characters. */
export async function* linesOf(
  response: IncomingMessage,
  most: number,
): AsyncGenerator<string, void, undefined> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    // A long line is looked at once only.
    const lines = chunk.includes('\n') ? (rest + chunk).split('\n') : [rest + chunk];
    rest = lines.pop() ?? '';
    if (rest.length > most) throw new Error(`a line of the answer has more than ${most} characters`);
    yield* lines;
  }
}
