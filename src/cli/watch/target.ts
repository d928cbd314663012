import type { Connection, DialFailure, Handler, Heartbeat, ManagedSocket, Reset } from '../../index.js';
import { now } from '../../primitives/time.js';
import { causeText } from '../shell/cause.js';
import type { Status, Summary, WatchEvent } from './events.js';
import { Latencies } from './latencies.js';

/** The cause of a life that ended because a ping was not answered. */
const noAnswer = 'no-answer';

/** A server that is watched. With a ping, it is up only when it has answered one. */
export class Target implements Handler {
  readonly name: string;
  readonly #ping: Buffer | undefined;
  readonly #report: (event: WatchEvent) => void;
  readonly #latencies = new Latencies();
  readonly #causes = new Map<string, number>();
  /** When anything was known of it first. */
  #startedAt: number | undefined;
  #status: Status = 'new';
  /** Since when it has been up, or not. */
  #since = now();
  #upTime = 0;
  #lives = 0;
  #failedDials = 0;
  /** Of the outage that goes on. */
  #failedSince = 0;
  #pingedAt: number | undefined;
  #unanswered = 0;
  #prove: (() => void) | undefined;

  constructor(name: string, ping: Buffer | undefined, report: (event: WatchEvent) => void) {
    this.name = name;
    this.#ping = ping;
    this.#report = report;
  }

  get isUp(): boolean {
    return this.#status === 'up';
  }

  /** The heartbeat for `connect()`, if there is anything to ping with. */
  heartbeat(interval: number, timeout: number): Heartbeat | undefined {
    return this.#ping && { interval, timeout, ping: (socket) => this.#send(socket) };
  }

  onConnect(socket: ManagedSocket, connection: Connection): void | Promise<void> {
    if (!this.#ping) return this.#rise(connection);
    this.#send(socket);
    return new Promise((resolve) => {
      this.#prove = () => {
        this.#rise(connection);
        resolve();
      };
    });
  }

  onData(): void {
    if (this.#pingedAt !== undefined) this.#latencies.add(now() - this.#pingedAt);
    this.#pingedAt = undefined;
    this.#prove?.();
    this.#prove = undefined;
  }

  onReset({ code, error, life, delay }: Reset): void {
    // We have ended it.
    if (delay === undefined) return;
    const isSilent = code === 'heartbeat' || code === 'handshake';
    const cause = isSilent ? noAnswer : error ? causeText(error) : code;
    if (isSilent) this.#unanswered += 1;
    this.#pingedAt = undefined;
    this.#prove = undefined;
    this.#blame(cause);
    const upFor = this.isUp ? now() - this.#since : 0;
    const event = isSilent ? 'frozen' : 'down';
    this.#turn(event);
    this.#report({ event, life, code, cause, upFor, nextDialIn: delay });
  }

  onRetry({ error, attempts, delay }: DialFailure): void {
    const cause = causeText(error);
    this.#failedDials += 1;
    this.#failedSince += 1;
    this.#blame(cause);
    this.#turn('down');
    this.#report({ event: 'dial-failed', cause, attempts, nextDialIn: delay });
  }

  /** What was found so far. */
  summary(): Summary {
    const moment = now();
    const upTime = this.#upTime + (this.isUp ? moment - this.#since : 0);
    const [p50 = null, p99 = null] = [0.5, 0.99].map((share) => this.#latencies.percentile(share));
    return {
      endpoint: this.name,
      status: this.#status,
      upPercent: (100 * upTime) / Math.max(moment - (this.#startedAt ?? moment), 1),
      lives: this.#lives,
      failedDials: this.#failedDials,
      causes: Object.fromEntries(this.#causes),
      ...(this.#ping && {
        pings: { answered: this.#latencies.count, unanswered: this.#unanswered, p50, p99 },
      }),
    };
  }

  #send(socket: ManagedSocket): void {
    this.#pingedAt ??= now();
    if (this.#ping) socket.write(this.#ping);
  }

  #rise({ life }: Connection): void {
    const downFor = now() - this.#since;
    const failedDials = this.#failedSince;
    this.#failedSince = 0;
    this.#lives += 1;
    this.#turn('up');
    this.#report({ event: 'up', life, downFor, failedDials });
  }

  #blame(cause: string): void {
    this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + 1);
  }

  /** The time of an outage goes on when its cause changes. */
  #turn(status: Status): void {
    const moment = now();
    this.#startedAt ??= moment;
    if (this.isUp) this.#upTime += moment - this.#since;
    if (this.isUp !== (status === 'up')) this.#since = moment;
    this.#status = status;
  }
}
