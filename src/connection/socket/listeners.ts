import type { EventEmitter } from 'node:events';

type Listener = (...args: unknown[]) => void;

/** The listeners of an emitter at one moment. */
export type Listeners = ReadonlyMap<string | symbol, readonly Listener[]>;

export function listenersOf(emitter: EventEmitter): Listeners {
  return new Map(emitter.eventNames().map((event) => [event, emitter.rawListeners(event) as Listener[]]));
}

/** The listeners that `later` has and `earlier` has not, each as often as it was added. */
export function addedListeners(
  earlier: Listeners,
  later: Listeners,
): [event: string | symbol, listener: Listener][] {
  const added: [string | symbol, Listener][] = [];
  for (const [event, listeners] of later) {
    const known = [...(earlier.get(event) ?? [])];
    for (const listener of listeners) {
      const index = known.indexOf(listener);
      if (index < 0) added.push([event, listener]);
      else known.splice(index, 1);
    }
  }
  return added;
}
