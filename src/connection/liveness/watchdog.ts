import type { ManagedSocket } from '../handler/handler.js';

/** How long a life may go on, and how long it may be silent, in milliseconds; Infinity is for ever. */
export interface WatchdogLimits {
  /** Nothing read for so long: ping. */
  readonly interval: number;
  /** Nothing read for so long after a ping: the end. */
  readonly timeout: number;
  /** Nothing read for so long: the end. */
  readonly idle: number;
}

/** Why a watchdog ends a life. */
export type WatchdogCode = 'heartbeat' | 'idle' | 'max-age';

/** What a watchdog asks for: a ping, or the end of the life. */
export type Duty = 'ping' | WatchdogCode;

/**
 * Watches one life by the counter of bytes that its socket keeps, from time to time. Time is given: the clock of the
 * sweep, which stands still while the program cannot attend to its sockets.
 */
export class Watchdog {
  readonly #socket: ManagedSocket;
  readonly #limits: WatchdogLimits;
  #endsAt: number;
  #bytes: number;
  #readAt: number;
  #pingedAt: number | undefined;
  #dueAt = Infinity;
  readonly #perform: (duty: Duty, silence: number) => void;

  /** `perform` is told what is due, and for how many milliseconds nothing has been read. */
  constructor(
    socket: ManagedSocket,
    limits: WatchdogLimits,
    { now, endsAt }: { readonly now: number; readonly endsAt: number },
    perform: (duty: Duty, silence: number) => void,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#endsAt = endsAt;
    this.#perform = perform;
    this.#bytes = socket.bytesRead;
    this.#readAt = now;
    this.#reckon();
  }

  /** When something is due, unless something is read before. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Takes note of what has been read since the last look. */
  look(now: number): void {
    const bytes = this.#socket.bytesRead;
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#heard(now);
  }

  /** Does what is due, if it still is. */
  act(now: number): void {
    this.look(now);
    if (now < this.#dueAt) return;
    if (now < this.#endsAt && isHeldBack(this.#socket)) {
      this.#heard(now);
      return;
    }
    const silence = now - this.#readAt;
    const duty = this.#dutyAfter(silence, now);
    if (duty === 'ping') this.#pingedAt = now;
    // Told once: whoever does not end the life at that still wants to know whether the peer is there.
    if (duty === 'max-age') this.#endsAt = Infinity;
    this.#reckon();
    this.#perform(duty, silence);
  }

  #dutyAfter(silence: number, now: number): Duty {
    if (now >= this.#endsAt) return 'max-age';
    if (silence >= this.#limits.idle) return 'idle';
    return this.#pingedAt === undefined ? 'ping' : 'heartbeat';
  }

  #heard(now: number): void {
    this.#readAt = now;
    this.#pingedAt = undefined;
    this.#reckon();
  }

  #reckon(): void {
    const { interval, timeout, idle } = this.#limits;
    const heartbeat = this.#pingedAt === undefined ? this.#readAt + interval : this.#pingedAt + timeout;
    this.#dueAt = Math.min(heartbeat, this.#readAt + idle, this.#endsAt);
  }
}

/** Whether the program does not want to read more: then silence says nothing of the peer. */
function isHeldBack(socket: ManagedSocket): boolean {
  if (socket.readableLength >= socket.readableHighWaterMark) return true;
  return socket.isPaused() && socket.listenerCount('readable') === 0;
}
