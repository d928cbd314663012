import { addAbortListener as listen, setMaxListeners } from 'node:events';

/** Is called once its signal has aborted. */
type AbortListener = () => void;

/** Those who listen to one signal, first come, first served, by one listener of Node.js. */
interface Audience {
  readonly listeners: Set<AbortListener>;
  readonly leave: Disposable;
}

/**
 * Who listens to which signal. With a listener each on the signal itself, Node.js 20 warns from the eleventh on, and takes
 * linear time to add or remove one.
 */
const audiences: WeakMap<AbortSignal, Audience> = new WeakMap();

/** Why it was aborted. A signal that is not of Node.js may have no reason. */
export function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException('This operation was aborted', 'AbortError');
}

/** Its signal is for the application, of which every part may listen to it: Node.js warns of no leak. */
export function controllerForAll(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** Calls `listener` once the signal aborts. The signal must not be aborted yet. */
export function addAbortListener(signal: AbortSignal, listener: AbortListener): void {
  let audience = audiences.get(signal);
  if (!audience) {
    const listeners: Set<AbortListener> = new Set();
    // Node's function also hears what another listener has stopped with `stopImmediatePropagation()`.
    audience = { listeners, leave: listen(signal, () => tellAll(signal, listeners)) };
    audiences.set(signal, audience);
  }
  audience.listeners.add(listener);
}

/** Does nothing where the listener is gone already. With the last one, nothing of ours stays on the signal. */
export function removeAbortListener(signal: AbortSignal, listener: AbortListener): void {
  const audience = audiences.get(signal);
  if (!audience?.listeners.delete(listener) || audience.listeners.size > 0) return;
  audiences.delete(signal);
  audience.leave[Symbol.dispose]();
}

/** Calls `listener` once the signal aborts, or at once if it has. Returns what stops listening. */
export function onAbort(signal: AbortSignal, listener: AbortListener): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  addAbortListener(signal, listener);
  return () => removeAbortListener(signal, listener);
}

function tellAll(signal: AbortSignal, listeners: Set<AbortListener>): void {
  // One that is removed by an earlier one is not called.
  for (const listener of listeners) {
    listeners.delete(listener);
    try {
      listener();
    } catch (error) {
      // As an EventTarget does: the others are called all the same.
      process.nextTick(() => {
        throw error;
      });
    }
  }
  audiences.delete(signal);
}
