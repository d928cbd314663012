/** Calls back in the next turn of the event loop. Captured at import: fake timers of a test must not delay real sockets. */
export const nextTurn: (next: () => void) => void = setImmediate;
