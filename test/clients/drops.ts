import type { Connection } from 'connman';
import { until } from '../support/fixtures.js';
import { turns } from '../support/repeat.js';

/** A protocol client over a lasting connection, as a test sees it. */
export interface Subject {
  readonly connection: Connection;
  /** Resolves once requests may begin, in the present life or the next. */
  readonly ready: () => Promise<unknown>;
  /** Sends one request and resolves with what was answered: `value`, if all is right. */
  readonly ask: (value: string) => Promise<unknown>;
  /** How many requests it takes at once. Default: 8. */
  readonly together?: number;
}

/** Ends the present life from outside. */
export type Drop = () => unknown;

type Outcome = 'right' | 'wrong' | 'rejected' | 'unanswered';

const patience = 2_000;

/** What became of the requests of a client. */
export class Account {
  /** Requests that no drop disturbed. */
  readonly undisturbed: Record<Outcome, number> = { right: 0, wrong: 0, rejected: 0, unanswered: 0 };
  /** Requests that were under way at a drop. */
  readonly dropped: Record<Outcome, number> = { right: 0, wrong: 0, rejected: 0, unanswered: 0 };
  /** What was answered, or why not, where it should have been. */
  readonly faults: string[] = [];
  /** For every life, how many listeners the socket had of each event. */
  readonly listeners: Readonly<Record<string, number>>[] = [];
  readonly #subject: Subject;
  #asked = 0;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  /** Asks in a life that nothing disturbs, then counts the listeners. */
  async live(): Promise<void> {
    const { connection, ready, together = 8 } = this.#subject;
    await withPatience(ready());
    await this.#ask(this.undisturbed, 1);
    await this.#ask(this.undisturbed, together);
    await turns();
    this.listeners.push(listenerCounts(connection));
  }

  /** Drops the life with requests under way; resolves in the next one, when all of them have come to an end. */
  async endure(drop: Drop): Promise<void> {
    const { connection, together = 8 } = this.#subject;
    const { life } = connection;
    const underWay = this.#ask(this.dropped, together);
    await Promise.all([drop(), until(() => connection.life > life), underWay]);
  }

  async #ask(outcomes: Record<Outcome, number>, count: number): Promise<void> {
    const requests = Array.from({ length: count }, async () => {
      const value = String((this.#asked += 1));
      const outcome = await this.#outcomeOf(value, outcomes === this.dropped);
      outcomes[outcome] += 1;
    });
    await Promise.all(requests);
  }

  async #outcomeOf(value: string, isDropped: boolean): Promise<Outcome> {
    try {
      const answer = await withPatience(this.#subject.ask(value));
      if (answer === value) return 'right';
      this.faults.push(`${String(answer)} for ${value}`);
      return 'wrong';
    } catch (error) {
      if (!isDropped || error instanceof Unanswered) this.faults.push(`${String(error)} for ${value}`);
      return error instanceof Unanswered ? 'unanswered' : 'rejected';
    }
  }
}

/** Asks in every life, then drops it with requests under way; so for each of the drops, and asks once more. */
export async function liveThrough(subject: Subject, drops: readonly Drop[]): Promise<Account> {
  const account = new Account(subject);
  try {
    for (const drop of drops) {
      await account.live();
      await account.endure(drop);
    }
    await account.live();
  } catch (error) {
    account.faults.push(`${String(error)} after ${account.listeners.length} lives`);
  }
  return account;
}

/** Does the same so many times, and then so many times something else. */
export function mixed(count: number, drop: Drop, restarts: number, restart: Drop): Drop[] {
  return [...Array.from({ length: count }, () => drop), ...Array.from({ length: restarts }, () => restart)];
}

class Unanswered extends Error {
  override readonly message = 'no answer';
}

/** The same promise, but rejected when it takes much too long. */
async function withPatience<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unanswered()), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function listenerCounts({ socket }: Connection): Record<string, number> {
  const counts = socket.eventNames().map((name) => [String(name), socket.listenerCount(name)] as const);
  return Object.fromEntries(counts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
