import { boolean, isObject, milliseconds, readOptions } from '../../primitives/checks.js';

/** The option `maxAge` with more than an age. */
export interface MaxAge {
  /** The age at which a life retires, in milliseconds ± 10 %; 0 means never. */
  age: number;
  /**
   * In a pool, opens one more connection to the same endpoint before a life retires, which leaves when the connection is back. So
   * there is no gap, however few connections the pool has. The connection keeps its socket and its index.
   * @default false
   */
  overlap?: boolean | undefined;
}

/** Both parts of the option `maxAge`, checked. */
export function readMaxAge(name: string, value: unknown): MaxAge {
  if (!isObject(value) || !('age' in value)) {
    milliseconds(name, value);
    return { age: value as number };
  }
  const { age, overlap } = readOptions<MaxAge>(name, value, { age: milliseconds, overlap: boolean });
  milliseconds(`${name}.age`, age);
  return { age, overlap };
}
