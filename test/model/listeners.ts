import type { EventEmitter } from 'node:events';

/** How many listeners there are, by event. */
export function listenerCounts(emitter: EventEmitter): Record<string, number> {
  const counts = emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)] as const);
  return Object.fromEntries(counts);
}

/**
 * Where there are other listeners than at first, and one more for each event of `ours`. Unless `exactly`, some may be
 * missing; nor need an unref'd socket have the listener that keeps it so.
 */
export function unexpectedListeners(
  emitter: EventEmitter,
  baseline: Readonly<Record<string, number>>,
  ours: readonly string[],
  exactly: boolean,
): string[] {
  const counts = listenerCounts(emitter);
  const unexpected: string[] = [];
  for (const name of new Set([...Object.keys(counts), ...Object.keys(baseline), ...ours])) {
    const expected = (baseline[name] ?? 0) + (ours.includes(name) ? 1 : 0);
    const count = counts[name] ?? 0;
    const mayBeFewer = !exactly || name === 'connectionAttempt';
    if (count > expected || (count < expected && !mayBeFewer)) {
      unexpected.push(`${count} listeners of '${name}', not ${expected}`);
    }
  }
  return unexpected;
}
