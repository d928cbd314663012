/** Node's own, also where a test puts a fake in its place: the sockets are real. */
const nextTurn: (next: () => void) => void = setImmediate;

/** Resolves after the event loop has polled every socket once more, and has let go of the handles closed before. */
export function nextPoll(): Promise<void> {
  return new Promise((resolve) => nextTurn(() => nextTurn(resolve)));
}
