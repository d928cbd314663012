import type { ManagedSocket } from './handler.js';

/** How long a life may go on, and how long it may be silent, in milliseconds; Infinity is for ever. */
export interface VigilLimits {
  /** Nothing read for so long: ping. */
  readonly interval: number;
  /** Nothing read for so long after a ping: the end. */
  readonly timeout: number;
  /** Nothing read for so long: the end. */
  readonly idle: number;
}

/** Why a vigil ends a life. */
export type VigilCode = 'heartbeat' | 'idle' | 'max-age';

/** What a vigil asks for: a ping, or the end of the life. */
export type Duty = 'ping' | VigilCode;

/**
 * Watches one life by the counter of bytes that its socket keeps, from time to time. Time is given: the clock of the
 * sweep, which stands still while the program cannot attend to its sockets.
 */
export class Vigil {
  readonly #socket: ManagedSocket;
  readonly #limits: VigilLimits;
  readonly #endsAt: number;
  #bytes: number;
  #readAt: number;
  #pingedAt: number | undefined;
  /** Nothing is due before. */
  #dueAt: number;
  readonly #perform: (duty: Duty, silence: number) => void;

  /** `perform` is told what is due, and for how many milliseconds nothing has been read. */
  constructor(
    socket: ManagedSocket,
    limits: VigilLimits,
    { now, endsAt }: { readonly now: number; readonly endsAt: number },
    perform: (duty: Duty, silence: number) => void,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#endsAt = endsAt;
    this.#perform = perform;
    this.#bytes = socket.bytesRead;
    this.#readAt = now;
    this.#dueAt = this.#next().at;
  }

  /** Takes note of what has been read; says whether something may be due. Changes nothing else. */
  look(now: number): boolean {
    const bytes = this.#socket.bytesRead;
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#heard(now);
    }
    return now >= this.#dueAt && this.#isDue(now);
  }

  /** Does what is due, if it still is. */
  act(now: number): void {
    if (!this.look(now)) return;
    const { duty } = this.#next();
    if (duty === 'ping') {
      this.#pingedAt = now;
      this.#dueAt = this.#next().at;
    }
    this.#perform(duty, now - this.#readAt);
  }

  #isDue(now: number): boolean {
    if (now < this.#endsAt && isHeldBack(this.#socket)) {
      this.#heard(now);
    }
    this.#dueAt = this.#next().at;
    return now >= this.#dueAt;
  }

  #heard(now: number): void {
    this.#readAt = now;
    if (this.#pingedAt === undefined) return;
    this.#pingedAt = undefined;
    // The next ping may be due before what the last one was to be followed by.
    this.#dueAt = this.#next().at;
  }

  #next(): { duty: Duty; at: number } {
    const { interval, timeout, idle } = this.#limits;
    const heartbeat: { duty: Duty; at: number } =
      this.#pingedAt === undefined
        ? { duty: 'ping', at: this.#readAt + interval }
        : { duty: 'heartbeat', at: this.#pingedAt + timeout };
    const silence: { duty: Duty; at: number } = { duty: 'idle', at: this.#readAt + idle };
    const first = silence.at <= heartbeat.at ? silence : heartbeat;
    return this.#endsAt <= first.at ? { duty: 'max-age', at: this.#endsAt } : first;
  }
}

/** Whether the program does not want to read more: then silence says nothing of the peer. */
function isHeldBack(socket: ManagedSocket): boolean {
  if (socket.readableLength >= socket.readableHighWaterMark) return true;
  return socket.isPaused() && socket.listenerCount('readable') === 0;
}
