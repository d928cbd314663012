import { nextTurn } from './fixtures.js';

/** Does `step` so often, each after the one before. */
export async function repeat(count: number, step: (index: number) => Promise<unknown>): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop
  for (let index = 0; index < count; index++) await step(index);
}

/** Turns of the event loop, in which something that must not happen has its chance. */
export function turns(count = 20): Promise<void> {
  return repeat(count, nextTurn);
}
