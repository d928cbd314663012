import { randomUUID } from 'node:crypto';
import { once } from '../../primitives/once.js';

/** A random key of this process. Made when it is first asked for: the first one takes Node.js 2 ms. */
export const ownKey: () => string = once(() => randomUUID());
