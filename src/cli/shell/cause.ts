import { printable } from './text.js';

/** The code of what an error goes back to, such as `ECONNREFUSED`; its message where nothing in the chain has a code. */
export function rootCause(error: unknown): string {
  let found = '';
  for (let each = error, depth = 0; each instanceof Error && depth < 20; each = each.cause, depth++) {
    if ('code' in each && typeof each.code === 'string') found = each.code;
    else if (each.cause === undefined && found === '') found = each.message;
  }
  return printable(found === '' ? String(error) : found);
}
