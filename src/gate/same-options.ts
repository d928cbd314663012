import { isPlainObject } from '../primitives/checks.js';

/** Whether two sets of resolved options dial in the same way: equal value by value, one level deep, but for their signals. */
export function sameOptions(one: object, other: object): boolean {
  return one === other || sameEntries(one, other, sameGroup);
}

/** Options that have options of their own, such as those of TLS. */
function sameGroup(one: unknown, other: unknown): boolean {
  return (
    Object.is(one, other) ||
    (isPlainObject(one) && isPlainObject(other) && sameEntries(one, other, sameValue))
  );
}

/** Each set of options has an object of its own for a secure context, which holds that of OpenSSL. */
function sameValue(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  const [context, otherContext] = [contextOf(one), contextOf(other)];
  return context !== undefined && context === otherContext;
}

function contextOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'context' in value ? value.context : undefined;
}

function sameEntries(
  one: object,
  other: object,
  isSame: (value: unknown, another: unknown) => boolean,
): boolean {
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every(
    (name) =>
      name === 'signal' ||
      (Object.hasOwn(other, name) && isSame(one[name as keyof object], other[name as keyof object])),
  );
}
