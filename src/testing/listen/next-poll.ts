/** The `setImmediate` of Node.js, captured at import: fake timers of a test must not delay real sockets. */
const nextTurn: (next: () => void) => void = setImmediate;

/** Resolves after the event loop has polled every socket once more and has freed the handles that were closed before. */
export function nextPoll(): Promise<void> {
  return new Promise((resolve) => nextTurn(() => nextTurn(resolve)));
}
