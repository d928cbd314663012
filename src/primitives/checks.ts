import { isIP, isIPv6 } from 'node:net';
import { kindOf, OptionError } from './errors.js';

/** The longest time a Node.js timer can wait: beyond it, it fires at once. */
export const longestDelay = 2_147_483_647;

/** Refuses a value with an {@link OptionError}, or lets it pass. */
export type Check = (name: string, value: unknown) => void;

/** Refuses what `accepts` does not accept; `expected` says in the error what that is. */
export function check(expected: string, accepts: (value: unknown) => boolean): Check {
  return (name, value) => {
    if (isRevoked(value) || !accepts(value)) throw new OptionError(name, expected, value);
  };
}

function isRevoked(value: unknown): boolean {
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return false;
  return kindOf(value) === 'a revoked proxy';
}

/** Whether it is an object, and no array. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && kindOf(value) === 'an object';
}

/** The items of an array, by their places: without what its own iterator says, and with its holes. */
export function itemsOf(list: unknown, most: number): unknown[] | undefined {
  if (typeof list !== 'object' || list === null || kindOf(list) !== 'an array') return undefined;
  const { length } = list as unknown[];
  if (!Number.isInteger(length) || length > most) return undefined;
  return Array.from({ length }, (_, index) => (list as unknown[])[index]);
}

/** What an object has by this name, itself or from its class: what somebody has put on Object.prototype does not count. */
export function memberOf(object: object, name: string): unknown {
  for (
    let each: object | null = object;
    each && each !== Object.prototype;
    each = Object.getPrototypeOf(each)
  ) {
    if (Object.hasOwn(each, name)) return (object as Record<string, unknown>)[name];
  }
  return undefined;
}

function isNumber(value: unknown, from: number, to: number): boolean {
  return typeof value === 'number' && value >= from && value <= to;
}

/** A number of milliseconds that a timer can wait. */
export const milliseconds: Check = check(`milliseconds from 0 to ${longestDelay}`, (value) =>
  isNumber(value, 0, longestDelay),
);

/** A number of milliseconds greater than zero that a timer can wait. */
export const positiveMilliseconds: Check = check(`milliseconds from 1 to ${longestDelay}`, (value) =>
  isNumber(value, 1, longestDelay),
);

/** Milliseconds, 0 or at least 1 000: a keep-alive delay below one second is cut to zero by Node.js. */
export const keepAliveMilliseconds: Check = check(
  `0 or milliseconds from 1000 to ${longestDelay}`,
  (value) => value === 0 || isNumber(value, 1_000, longestDelay),
);

/** A finite number within bounds, both included. */
export function numberFrom(from: number, to: number): Check {
  return check(`a number from ${from} to ${to}`, (value) => isNumber(value, from, to));
}

/** A whole number within bounds, both included. */
export function integerFrom(from: number, to: number): Check {
  return check(
    `a whole number from ${from} to ${to}`,
    (value) => Number.isInteger(value) && isNumber(value, from, to),
  );
}

/** A whole number of at least `from`, or Infinity. */
export function countFrom(from: number): Check {
  return check(
    `a whole number from ${from}, or Infinity`,
    (value) => value === Infinity || (Number.isInteger(value) && (value as number) >= from),
  );
}

/** Whatever is given. */
export const anything: Check = () => undefined;

export const boolean: Check = check('true or false', (value) => typeof value === 'boolean');

export const callable: Check = check('a function', (value) => typeof value === 'function');

export const filledString: Check = check(
  'a string that is not empty',
  (value) => typeof value === 'string' && value !== '',
);

/** What a resolver or the system can make sense of. Not a URL, nor `host:port`, whose end would be lost without a word. */
export const hostName: Check = check(
  'a host name or an IP address',
  (value) =>
    typeof value === 'string' &&
    value.length <= 255 &&
    (/^[^\s/\\@:[\]\p{Cc}]+$/u.test(value) || isIPv6(value)),
);

/** The longest path of a Unix socket, in bytes; a longer one is cut short without a word by Node.js 20. */
const longestPath = process.platform === 'win32' ? 255 : process.platform === 'darwin' ? 103 : 107;

/**
 * A path that a Unix socket can have; a name in Linux' abstract namespace begins with a NUL. Not a URL: none is meant to be
 * a path, and there may be a password in it, which would appear wherever the endpoint does.
 */
export const socketPath: Check = check(
  `a path of 1 to ${longestPath} bytes, and no URL`,
  (value) =>
    typeof value === 'string' &&
    value !== '' &&
    value !== '\0' &&
    Buffer.byteLength(value) <= longestPath &&
    !value.includes('\0', 1) &&
    !/^[a-z][a-z\d+.-]+:\/\//i.test(value),
);

export const ipAddress: Check = check(
  'an IP address',
  (value) => typeof value === 'string' && isIP(value) !== 0,
);

/** An instance of a class which can be used as one, in the way that `use` does; `expected` names it in the error. */
export function instanceOf<T>(
  type: abstract new (...args: never[]) => T,
  expected: string,
  use: (instance: T) => unknown,
): Check {
  return check(expected, (value) => {
    try {
      return value instanceof type && use(value) !== undefined;
    } catch {
      return false;
    }
  });
}

/** Whatever can abort. */
export const abortSignal: Check = instanceOf(AbortSignal, 'an AbortSignal', ({ aborted }) => aborted);

const abortable: Readonly<Record<'signal', Check>> = { signal: abortSignal };

/** The signal among the options of something that only a signal can end. */
export function readSignal(options: unknown): AbortSignal | undefined {
  return readOptions<{ signal?: AbortSignal | undefined }>('options', options, abortable).signal;
}

/** One of a few literal values. */
export function oneOf(...values: readonly unknown[]): Check {
  return check(values.map((value) => JSON.stringify(value)).join(' or '), (value) => values.includes(value));
}

/**
 * A copy of the caller's own options, checked: what is inherited does not count, nor what is `undefined`. Refuses a name
 * that `table` does not have, and each value that its check does not accept.
 */
export function readOptions<T extends object>(
  what: string,
  options: unknown,
  table: Readonly<Record<keyof T & string, Check>>,
): T {
  if (!isObject(options)) throw new OptionError(what, 'an object', options);
  const own = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name)) {
      const expected = `only the options ${Object.keys(table).join(', ')}`;
      throw new OptionError(what, expected, name, JSON.stringify(name.slice(0, 40)));
    }
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue;
    table[name as keyof T & string](`${what}.${name}`, value);
    own[name] = value;
  }
  return own as T;
}
