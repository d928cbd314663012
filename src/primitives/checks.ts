import { isIP, isIPv6 } from 'node:net';
import { describe, isError, OptionError } from './errors.js';
import { unknownOption, type Advice } from './unknown-option.js';

/** The longest time a Node.js timer can wait: beyond it, it fires at once. */
export const longestDelay = 2_147_483_647;

/** Throws an {@link OptionError} for a wrong value. */
export type Check = (name: string, value: unknown) => void;

/** Makes a check; `expected` says in the error what `accepts` accepts. */
export function check(expected: string, accepts: (value: unknown) => boolean): Check {
  return (name, value) => {
    if (!accepts(value)) throw new OptionError(name, expected, value);
  };
}

/** Whether it is an object, and no array. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is an object literal, or an object without a prototype. */
export function isPlainObject(value: unknown): value is object {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A copy of an array of at most `most` items, in which holes are `undefined`; nothing for another value. */
export function itemsOf(list: unknown, most: number): unknown[] | undefined {
  return Array.isArray(list) && list.length <= most ? [...(list as unknown[])] : undefined;
}

function isNumber(value: unknown, from: number, to: number): boolean {
  return typeof value === 'number' && value >= from && value <= to;
}

/** A number of milliseconds that a timer can wait. */
export const milliseconds: Check = check(`milliseconds from 0 to ${longestDelay}`, (value) =>
  isNumber(value, 0, longestDelay),
);

/** The same, or Infinity for ever. */
export const millisecondsOrInfinity: Check = check(
  `milliseconds from 0 to ${longestDelay}, or Infinity`,
  (value) => value === Infinity || isNumber(value, 0, longestDelay),
);

/** A number of milliseconds greater than zero that a timer can wait. */
export const positiveMilliseconds: Check = check(`milliseconds from 1 to ${longestDelay}`, (value) =>
  isNumber(value, 1, longestDelay),
);

/** Milliseconds, 0 or at least 1 000: Node.js rounds a keep-alive delay below one second down to zero. */
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

/** Accepts every value. */
export const anything: Check = () => undefined;

export const boolean: Check = check('true or false', (value) => typeof value === 'boolean');

export const callable: Check = check('a function', (value) => typeof value === 'function');

/** Whether it can only be called with `new`. */
export function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

export const filledString: Check = check(
  'a string that is not empty',
  (value) => typeof value === 'string' && value !== '',
);

/** A name that a resolver can look up, or an IP address. Not a URL, nor `host:port`, whose port would silently be ignored. */
export const hostName: Check = (name, value) => {
  const isText = typeof value === 'string' && value.length <= 255;
  if (isText && (/^[^\s/\\@:[\]\p{Cc}]+$/u.test(value) || isIPv6(value))) return;
  throw new OptionError(name, 'a host name or an IP address', value, describe(value) + adviceOn(value));
};

/** What to pass instead of what is no host, without a word of it: it may hold a password. */
export function adviceOn(host: unknown): string {
  if (typeof host !== 'string') return '';
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(host)) return ', a URL (pass its port and its host)';
  if (/^\[[^\]]*\]$/.test(host)) return ' (pass the IPv6 address without brackets)';
  if (/^[^\s/\\@]+:\d+$/.test(host)) return ' (pass the port, then the host without it)';
  return host.startsWith('/') ? ' (for a Unix socket, pass { path })' : '';
}

/** The longest path of a Unix socket, in bytes. Node.js 20 silently cuts a longer one. */
const longestPath = process.platform === 'win32' ? 255 : process.platform === 'darwin' ? 103 : 107;

/**
 * A path of a Unix socket; in Linux, a name in the abstract namespace begins with a NUL. Not a URL: it may contain a password,
 * which would be shown wherever the endpoint is.
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

/**
 * An instance of a class on which `use` works, which it does not on a mere `Object.create(prototype)`; `expected` is its name
 * in the error.
 */
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

/** An AbortSignal of any realm, or of a package: an `instanceof` would refuse those of jsdom and of `node:vm`. */
export const abortSignal: Check = check('an AbortSignal', (value) => {
  try {
    const { aborted, addEventListener, removeEventListener } = value as AbortSignal;
    const methods: readonly unknown[] = [addEventListener, removeEventListener];
    return typeof aborted === 'boolean' && methods.every((method) => typeof method === 'function');
  } catch {
    return false;
  }
});

/** An Error, or nothing. */
export function optionalError(name: string, value: unknown): void {
  if (value !== undefined && !isError(value)) throw new OptionError(name, 'an Error', value);
}

/** One of a few literal values. */
export function oneOf(...values: readonly unknown[]): Check {
  return check(values.map((value) => JSON.stringify(value)).join(' or '), (value) => values.includes(value));
}

/** Refuses an instance without properties of its own, such as an AbortSignal, a URL or a promise: all of it would be ignored. */
function refuseEmptyInstance(what: string, options: object): void {
  if (Object.keys(options).length > 0) return;
  const { name = 'Object' } = Object(options.constructor) as { name?: unknown };
  if (typeof name !== 'string' || !/^(?!Object$)\w{1,40}$/.test(name)) return;
  throw new OptionError(what, 'an object with properties of its own', options, `an instance of ${name}`);
}

/**
 * A checked copy of the caller's options: without inherited ones, and without those that are `undefined`. It has no prototype,
 * so that nothing on `Object.prototype` is taken for an option.
 * @throws OptionError for a name that is not in `table`, and for a value that its check refuses.
 */
export function readOptions<T extends object>(
  what: string,
  options: unknown,
  table: Readonly<Record<keyof T & string, Check>>,
  advice?: Advice,
): T {
  if (!isObject(options)) throw new OptionError(what, 'an object', options);
  refuseEmptyInstance(what, options);
  const own = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(table, name)) throw unknownOption(what, name, Object.keys(table), advice);
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) continue;
    table[name as keyof T & string](`${what}.${name}`, value);
    own[name] = value;
  }
  return own as T;
}
