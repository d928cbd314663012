import { nextTurn } from '../../primitives/next-turn.js';

/** Resolves after the event loop has polled every socket once more and has freed the handles that were closed before. */
export function nextPoll(): Promise<void> {
  return new Promise((resolve) => nextTurn(() => nextTurn(resolve)));
}
