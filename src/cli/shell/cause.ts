import { rootCause as endOfChain, rootCode } from '../../primitives/causes.js';
import { messageOf } from '../../primitives/describe.js';
import { printable } from './text.js';

/** The code of what an error goes back to, such as `ECONNREFUSED`; its message where nothing in the chain has a code. */
export function rootCause(error: unknown): string {
  return printable(rootCode(error) ?? messageOf(endOfChain(error)));
}
