import type { Urgency } from './dial-queue.js';
import type { DialRequester } from './dial-requester.js';
import { OwnerLine, type OwnerLineHost } from './owner-line.js';
import { sameOptions } from './same-options.js';
import type { DrawnWait } from './shared-backoff.js';

/** The requesters with equal options, once a dial of one of them has failed by these options. */
interface OptionsLine {
  readonly options: DialRequester['options'];
  readonly own: OwnerLine;
  /** Those that have failed by it, and those that had to wait for it. */
  readonly members: Set<DialRequester>;
  /** Those of them whose dials are in flight, and began since. */
  readonly dialling: Set<DialRequester>;
}

/** Options that do not work: a line for each, until a dial with them succeeds. */
export class OptionsLines {
  readonly #host: OwnerLineHost;
  #lines: readonly OptionsLine[] = none;

  constructor(host: OwnerLineHost) {
    this.#host = host;
  }

  /** The line that a requester has to wait for, if there is one. */
  shutFor(requester: DialRequester, urgency: Urgency): OwnerLine | undefined {
    const line = this.#of(requester);
    if (!line?.own.isShut(urgency)) return undefined;
    line.members.add(requester);
    return line.own;
  }

  /** Until when a requester waits for it. */
  dueOf(requester: DialRequester): number {
    return this.#of(requester)?.own.line.admission.due ?? -Infinity;
  }

  began(requester: DialRequester, urgency: Urgency): void {
    const line = this.#of(requester);
    line?.own.line.admission.dialBegan(urgency);
    line?.dialling.add(requester);
  }

  abandoned(requester: DialRequester): void {
    const line = this.#of(requester);
    if (!line?.dialling.delete(requester)) return;
    line.own.line.admission.dialAbandoned();
    line.own.settle();
  }

  /** A dial has succeeded: its options work. */
  succeeded(requester: DialRequester): void {
    const line = this.#of(requester);
    if (line) this.#drop(line);
  }

  askFailed(requester: DialRequester, waiters: () => readonly DialRequester[]): DrawnWait {
    return (this.#of(requester) ?? this.#make(requester)).own.line.askDialFailed(requester, waiters);
  }

  /** A dial has failed by its options. Returns how long the wait is that follows, if one does. */
  failed(requester: DialRequester, drawn: DrawnWait): number | undefined {
    let line = this.#of(requester);
    if (!line) {
      line = this.#make(requester);
      this.#lines = [...this.#lines, line];
    }
    line.members.add(requester);
    // A dial that began before the first of them failed tells nothing new.
    const isNew = line.dialling.delete(requester);
    const delay = isNew ? line.own.line.dialFailed(requester, drawn) : undefined;
    line.own.settle();
    return delay;
  }

  /** It is not in the queue any more. */
  left(requester: DialRequester): void {
    for (const { own } of this.#lines) own.leave(requester);
  }

  /** The requester is closed. */
  forget(requester: DialRequester): void {
    for (const line of this.#lines) {
      if (line.members.delete(requester) && line.members.size === 0) this.#drop(line);
    }
  }

  #of({ options }: DialRequester): OptionsLine | undefined {
    if (this.#lines.length === 0) return undefined;
    return this.#lines.find((line) => sameOptions(line.options, options));
  }

  #make(requester: DialRequester): OptionsLine {
    const own = new OwnerLine(this.#host);
    own.line.admission.dialBegan('normal');
    return { options: requester.options, own, members: new Set(), dialling: new Set([requester]) };
  }

  #drop(line: OptionsLine): void {
    this.#lines = this.#lines.filter((each) => each !== line);
    line.own.end();
  }
}

const none: readonly OptionsLine[] = [];
