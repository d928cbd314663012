import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { types } from 'node:util';
import { itemsOf } from '../../primitives/checks.js';
import { describe, isError } from '../../primitives/describe.js';
import { toError } from '../../primitives/to-error.js';

/** How many addresses one answer may have. */
const mostAddresses = 10_000;

type Answer = Parameters<LookupFunction>[2];

/**
 * The addresses of an answer that Node.js can use, or why there are none. For a wrong answer, Node.js throws a `TypeError`
 * as an uncaught exception.
 */
function readLookupAnswer(
  hostname: string,
  isAll: boolean,
  address: unknown,
  family: unknown,
): readonly LookupAddress[] | Error {
  const items = isAll ? itemsOf(address, mostAddresses) : [{ address, family }];
  if (items?.length === 0) return lookupError('ENOTFOUND', `the lookup of ${hostname} found no address`);
  const usable = items?.filter(isUsable) ?? [];
  if (usable.length > 0) return usable.map((item) => ({ address: item.address, family: item.family }));
  const expected = isAll
    ? 'a list of IP addresses, each with its family: { address, family: 4 or 6 }'
    : 'an IP address, and its family: 4 or 6';
  const wrong = items && isAll ? 'a list without any' : describe(address);
  const got = !isAll && isIP(String(address)) !== 0 ? `family ${describe(family)}` : wrong;
  return lookupError(
    'ERR_INVALID_IP_ADDRESS',
    `the lookup of ${hostname} gave no address: expected ${expected}, got ${got}`,
  );
}

/** Asks a lookup of the user's. It may throw or reject, and its first answer counts, unless it throws afterwards. */
export function askLookup(
  lookup: LookupFunction,
  hostname: string,
  options: LookupOptions,
  answer: Answer,
): void {
  let first: readonly unknown[] | undefined;
  let isCalling = true;
  const deliver = ([error, address, family]: readonly unknown[]): void => {
    const read = error ? toError(error) : readSafely(hostname, options.all === true, address, family);
    if (isError(read)) answer(read, []);
    else if (options.all) answer(null, [...read]);
    else answer(null, read[0]?.address ?? '', read[0]?.family);
  };
  const take = (...args: readonly unknown[]): void => {
    if (first) return;
    first = args;
    if (!isCalling) deliver(args);
  };
  try {
    const outcome: unknown = lookup(hostname, options, take);
    if (types.isPromise(outcome)) outcome.catch((error: unknown) => take(toError(error)));
  } catch (thrown) {
    first = [toError(thrown)];
  }
  isCalling = false;
  if (first) deliver(first);
}

/** An answer may be an object whose members throw. */
function readSafely(...answer: Parameters<typeof readLookupAnswer>): ReturnType<typeof readLookupAnswer> {
  try {
    return readLookupAnswer(...answer);
  } catch (thrown) {
    return toError(thrown);
  }
}

function isUsable(item: unknown): item is LookupAddress {
  const { address, family } = (item ?? {}) as Partial<LookupAddress>;
  return typeof address === 'string' && isIP(address) !== 0 && isIP(address) === family;
}

function lookupError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
