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

/** The message of what was thrown, which need not be an `Error`, nor have a text. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'an object without a text';
  }
}
