import type { Connection, Handler } from '../../connection/index.js';
import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import { publishPoolLeak, type PoolSource } from '../../telemetry/index.js';

/** Reports a lease that is held for too long, once. The lease goes on. */
export class LeakWatch<H extends Handler> {
  readonly #timer: Timer;

  /** The stack of `origin` shows where the lease was asked for. */
  constructor(pool: PoolSource, connection: Connection<H>, limit: number, origin: Error) {
    this.#timer = startTimer(limit, false, () => {
      const stack = framesOf(origin);
      const { id } = connection;
      const message = `a lease of connection ${id} of pool ${pool.name} is held for more than ${limit} ms; it was taken`;
      process.emitWarning(`${message}\n${stack}`, { type: 'ConnmanLeakWarning', code: 'CONNMAN_LEAK' });
      publishPoolLeak(pool, connection, limit, stack);
    });
  }

  stop(): void {
    stopTimer(this.#timer);
  }
}

/** A stack without its first line, which is the message. */
function framesOf({ stack = '' }: Error): string {
  return stack.slice(stack.indexOf('\n') + 1);
}
