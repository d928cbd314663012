/** Calls a method with arguments that its types may forbid, as a program in JavaScript can. */
export function call(target: object, method: string, ...args: readonly unknown[]): unknown {
  const found: (...args: unknown[]) => unknown = Reflect.get(target, method);
  return Reflect.apply(found, target, args);
}

/* oxlint-disable typescript/no-unnecessary-type-parameters, typescript/no-unsafe-type-assertion */

/** A value as something that its type may forbid. */
export function unchecked<T>(value: unknown): T {
  return value as T;
}
