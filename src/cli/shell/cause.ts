import { rootCause, rootCode } from '../../primitives/causes.js';
import { messageOf } from '../../primitives/describe.js';
import { printable } from '../../primitives/printable.js';

/** The code of what an error goes back to, such as `ECONNREFUSED`; its message where nothing in the chain has a code. */
export function causeText(error: unknown): string {
  return printable(rootCode(error) ?? messageOf(rootCause(error)));
}
