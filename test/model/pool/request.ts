/** One call of `acquire()`, or of `use()`, and what is known of it. */
export class Request {
  readonly number: number;
  readonly isUse: boolean;
  readonly isLasting: boolean;
  readonly timeout: number;
  readonly controller: AbortController | undefined;
  /** Just before and just after the call. */
  readonly askedAt: number = performance.now();
  calledAt = 0;
  /** How it went inside the call itself. */
  at: 'queue' | 'lent' | 'refused' = 'queue';
  /** Which connection was lent inside the call. */
  lent: number | undefined = undefined;
  isSettled = false;
  /** Somebody who came later was served: it must get nothing. */
  mustFail = false;

  constructor(number: number, isUse: boolean, timeout: number, canAbort: boolean, isLasting: boolean) {
    this.number = number;
    this.isUse = isUse;
    this.isLasting = isLasting;
    this.timeout = timeout;
    this.controller = canAbort ? new AbortController() : undefined;
  }

  get name(): string {
    return `${this.isUse ? 'use' : 'acquire'} ${this.number}`;
  }

  /** When it has waited for long enough: not before the first, not after the second of these moments. */
  get earliestDeadline(): number {
    return this.askedAt + this.timeout;
  }

  get latestDeadline(): number {
    return this.calledAt + this.timeout;
  }
}
