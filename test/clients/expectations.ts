import { expect } from 'vitest';
import { constant, type ConnectionOptions } from 'connman';
import type { Account } from './drops.js';

const measures = process.env['CONNMAN_MEASURE'] === '1';

/** Where a client connects to. */
export interface Place {
  readonly port: number;
  readonly host: string;
}

export type Mode = NonNullable<ConnectionOptions['listeners']>;

/** Which listeners the clients are run with: `'keep'`, which some of them do not survive, only to measure it. */
export const modes: readonly Mode[] = measures ? ['life', 'keep'] : ['life'];

/** What does not survive takes its time. */
export const timeLimit = { timeout: measures ? 200_000 : 60_000 } as const;

/** Dials again so soon that a test need not wait. */
export const soon = { backoff: constant(5) } as const;

/** Fails when there was a wrong answer, a request that never settled, or a listener more in one life than in another. */
export function expectPersistence(account: Account): void {
  const [first, ...later] = account.listeners;
  expect(account.faults).toEqual([]);
  expect(later.length).toBeGreaterThanOrEqual(12);
  for (const counts of later) expect(counts).toEqual(first);
}

/** Prints what `docs/guides/clients-measured.md` says, when it is measured. */
export function report(client: string, mode: string, account: Account): void {
  if (!measures) return;
  const { undisturbed, dropped, listeners, faults } = account;
  const total = (counts: Readonly<Record<string, number>> = {}): number =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  const some = ({ right, wrong, rejected, unanswered }: typeof dropped): string =>
    `${right} right, ${wrong} wrong, ${rejected} rejected, ${unanswered} unanswered`;
  console.log(
    `${client}, listeners: '${mode}', ${listeners.length - 1} drops survived. Undisturbed: ${some(undisturbed)}. ` +
      `Under way at a drop: ${some(dropped)}. Listeners: ${total(listeners[0])} → ${total(listeners.at(-1))}. ${faults.at(-1) ?? ''}`,
  );
}
