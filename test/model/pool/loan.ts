import { internals } from '../../../src/connection/index.js';
import { ConnmanError, type Connection, type Lease } from '../../../src/index.js';
import type { Findings } from '../findings.js';

/** A lease that the program has, or had. */
export class Loan {
  readonly lease: Lease;
  readonly connection: Connection;
  /** The life in which it was lent. */
  readonly life: number;
  #signal: AbortSignal | undefined;
  #hasEnded = false;
  isOver = false;
  /** Whether it was not given back in time, after the end of its life. */
  isForfeited = false;
  /** Whether a write was refused. */
  wasRefused = false;
  readonly isLasting: boolean;
  /** What it writes: no other one writes the same. */
  readonly mark: string;
  /** Whether it ends with a function. */
  isInUse = false;

  constructor(lease: Lease, mark: string, isLasting: boolean) {
    this.lease = lease;
    this.mark = mark;
    this.isLasting = isLasting;
    this.connection = lease.connection;
    this.life = lease.connection.life;
  }

  /** Whether the life is over in which it was lent. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** A life of the connection has ended. */
  lifeEnded(life: number): void {
    if (life === this.life && !this.isOver) this.#hasEnded = true;
  }

  /** Asks for the signal. */
  get signal(): AbortSignal {
    this.#signal ??= this.lease.signal;
    return this.#signal;
  }

  /** Writes what only it writes. */
  write(): void {
    if (!internals(this.connection).link.takesWrites) this.wasRefused = true;
    this.lease.socket.write(`<${this.mark}>`);
  }

  /** What holds at any time: the signal says whether the life is over. */
  check(findings: Findings): void {
    const { id } = this.connection;
    if (this.#signal) {
      const { aborted } = this.#signal;
      findings.expect(
        aborted === this.#hasEnded,
        () => `the signal of the lease of ${id}: aborted is ${aborted}`,
      );
    }
    if (this.isOver) return;
    findings.expect(this.lease.socket === this.connection.socket, () => `another socket for ${id}`);
    findings.expect(this.lease.handler === this.connection.handler, () => `another handler for ${id}`);
    if (this.isLasting || !this.#hasEnded) return;
    const { state, life } = this.connection;
    const isDown = life === this.life && (state === 'waiting' || state === 'closing' || state === 'closed');
    findings.expect(isDown, () => `${id} is ${state} in life ${life}, and lent in life ${this.life}`);
  }

  /**
   * Once it is over, nothing of it can be used; a lease that was discarded takes no notice of another end. Inside of an event
   * (`isAside`) its signal has yet to be aborted.
   */
  checkOver(findings: Findings, isDiscarded: boolean, isAside: boolean): void {
    const { lease } = this;
    const { signal } = this;
    const hasEnded = this.#hasEnded;
    const checkSignal = (): void =>
      findings.expect(
        signal.aborted === hasEnded,
        () => `aborted is ${signal.aborted} at the end of the lease of ${this.connection.id}`,
      );
    if (isAside) process.nextTick(checkSignal);
    else checkSignal();
    for (const use of [() => lease.socket, () => lease.handler])
      findings.expect(isRefused(use), () => `a lease can be used once it is over: ${String(use)}`);
    for (const end of [() => lease.release(), () => lease.discard()])
      findings.expect(isRefused(end) !== isDiscarded, () => `a lease that is over answers ${String(end)}`);
    lease[Symbol.dispose]();
  }
}

function isRefused(use: () => unknown): boolean {
  try {
    use();
    return false;
  } catch (error) {
    return error instanceof ConnmanError && error.code === 'CONNMAN_RELEASED';
  }
}
