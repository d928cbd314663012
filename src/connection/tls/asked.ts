import { isUint8Array } from 'node:util/types';
import { isPlainObject } from '../../primitives/checks.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import { OptionError } from '../../primitives/errors.js';
import { readTls, secureOptions, type ResolvedTls, type TlsOptions } from './options.js';

/**
 * The option `tls` as a function: gives the options of the next dial to that endpoint. So a certificate or an authority that is
 * replaced on the disk is used from the next life on. `signal` aborts when the dial is given up.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { connect, type TlsSource } from 'connman';
 *
 * const tls: TlsSource = async (_endpoint, { signal }) => ({
 *   cert: await readFile('client.crt', { signal }),
 *   key: await readFile('client.key', { signal }),
 * });
 *
 * connect(6380, 'cache.example.com', { onConnect: () => {} }, { tls, maxAge: 3_600_000 });
 * ```
 */
export type TlsSource = (
  endpoint: Endpoint,
  context: { readonly signal: AbortSignal },
) => true | TlsOptions | PromiseLike<true | TlsOptions>;

/** What the application has answered, and what became of it. */
export interface AskedTls {
  readonly given: Readonly<Record<string, unknown>>;
  readonly tls: ResolvedTls;
}

const name = 'the result of options.tls';

/**
 * Reads an answer of the application.
 * @throws OptionError
 */
export function readAsked(answer: unknown, previous: AskedTls | undefined): AskedTls {
  const own = readTls(name, answer);
  if (own.onread !== undefined)
    throw new OptionError(`${name}.onread`, 'nothing: use options.onread', own.onread);
  const given = copyOf(own) as Readonly<Record<string, unknown>>;
  // The secure context is not made again for the same ingredients, and sessions are kept.
  if (previous && isSame(previous.given, given)) return previous;
  return { given, tls: secureOptions(name, own) };
}

/** A copy that does not change with what was given. */
function copyOf(value: unknown): unknown {
  if (isUint8Array(value)) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each)]));
}

function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (isUint8Array(one)) return isUint8Array(other) && Buffer.compare(one, other) === 0;
  if (Array.isArray(one)) {
    return (
      Array.isArray(other) && one.length === other.length && one.every((each, at) => isSame(each, other[at]))
    );
  }
  if (!isPlainObject(one) || !isPlainObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (key) => Object.hasOwn(other, key) && isSame(one[key as keyof object], other[key as keyof object]),
    )
  );
}
