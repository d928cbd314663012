import { types } from 'node:util';

/**
 * Says in an error what a value is. It repeats no text, which may be a secret in the wrong place; only a number or a truth
 * value in quotes is shown, as it is a likely slip.
 */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return /^$|^-?[\d.]{1,10}$|^(?:true|false)$/.test(value)
        ? JSON.stringify(value)
        : `a string of ${value.length} characters`;
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? `${value}n` : 'a long bigint';
    case 'function':
    case 'symbol':
      return `a ${typeof value}`;
    default:
      if (value === null) return 'null';
      if (value instanceof Promise) return 'a promise';
      return Array.isArray(value) ? 'an array' : 'an object';
  }
}

/**
 * Whether it is an Error, of whatever realm: in the contexts of test runners, what Node.js throws is no `instanceof Error`. Before
 * Node.js 22 the error of an abort is none by the test for native ones either.
 */
export function isError(value: unknown): value is Error {
  return (
    value instanceof Error ||
    types.isNativeError(value) ||
    Object.prototype.toString.call(value) === '[object DOMException]'
  );
}

/** The message of what was thrown, which need not be an `Error`, nor have a text. */
export function messageOf(thrown: unknown): string {
  try {
    return isError(thrown) ? thrown.message : String(thrown);
  } catch {
    return 'an object without a text';
  }
}
