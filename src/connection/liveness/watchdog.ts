import type { ManagedSocket } from '../handler/connection.js';

/** The silences that a watchdog acts on, in milliseconds. Infinity means never. */
export interface WatchdogLimits {
  /** The silence after which to ping. */
  readonly interval: number;
  /** The silence after a ping after which to end the life. */
  readonly timeout: number;
  /** The silence after which to end the life, with or without a ping. */
  readonly idle: number;
}

/** Why a watchdog ends a life. */
export type WatchdogCode = 'heartbeat' | 'idle' | 'max-age';

/** What a watchdog asks for: a ping, or the end of the life. */
export type Duty = 'ping' | WatchdogCode;

/**
 * Watches one life by its socket's counter of bytes read. Its clock is that of the sweep, which stands still while the process
 * cannot read.
 */
export class Watchdog {
  readonly #socket: ManagedSocket;
  readonly #limits: WatchdogLimits;
  #endsAt: number;
  #bytes: number;
  #readAt: number;
  /** When the last input was read, the last ping was sent, or the heartbeat rested last. */
  #beatAt: number;
  #isPinged = false;
  #dueAt = Infinity;
  readonly #perform: (duty: Duty, silence: number) => boolean;

  /**
   * `perform` gets the action that is due, and the silence in milliseconds. It answers false where the heartbeat has to rest:
   * then a ping is due after another interval.
   */
  constructor(
    socket: ManagedSocket,
    limits: WatchdogLimits,
    { now, endsAt }: { readonly now: number; readonly endsAt: number },
    perform: (duty: Duty, silence: number) => boolean,
  ) {
    this.#socket = socket;
    this.#limits = limits;
    this.#endsAt = endsAt;
    this.#perform = perform;
    this.#bytes = socket.bytesRead;
    this.#readAt = now;
    this.#beatAt = now;
    this.#reckon();
  }

  /** When the next action is due, unless input is read before. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** Whether a ping was sent, and nothing was read since. */
  get awaitsAnswer(): boolean {
    return this.#isPinged && this.#socket.bytesRead === this.#bytes;
  }

  /** Notices input since the last look. */
  look(now: number): void {
    const bytes = this.#socket.bytesRead;
    if (bytes === this.#bytes) return;
    this.#bytes = bytes;
    this.#heard(now);
  }

  /** Performs the action that is due, unless input has come in the meantime. */
  act(now: number): void {
    this.look(now);
    if (now < this.#dueAt) return;
    if (now < this.#endsAt && readsNothing(this.#socket)) {
      this.#heard(now);
      return;
    }
    const silence = now - this.#readAt;
    const duty = this.#dutyAfter(silence, now);
    if (duty === 'ping') this.#beat(now, true);
    // Reported once. If the life goes on, the watchdog still looks for a dead peer.
    if (duty === 'max-age') this.#endsAt = Infinity;
    this.#reckon();
    if (!this.#perform(duty, silence)) this.#beat(now, false);
  }

  #dutyAfter(silence: number, now: number): Duty {
    if (now >= this.#endsAt) return 'max-age';
    if (silence >= this.#limits.idle) return 'idle';
    return this.#isPinged ? 'heartbeat' : 'ping';
  }

  #heard(now: number): void {
    this.#readAt = now;
    this.#beat(now, false);
  }

  #beat(now: number, isPinged: boolean): void {
    this.#beatAt = now;
    this.#isPinged = isPinged;
    this.#reckon();
  }

  #reckon(): void {
    const { interval, timeout, idle } = this.#limits;
    const heartbeat = this.#beatAt + (this.#isPinged ? timeout : interval);
    this.#dueAt = Math.min(heartbeat, this.#readAt + idle, this.#endsAt);
  }
}

/** Whether the application does not read: then silence says nothing about the peer. */
export function readsNothing(socket: ManagedSocket): boolean {
  if (socket.readableLength >= socket.readableHighWaterMark) return true;
  return socket.isPaused() && socket.listenerCount('readable') === 0;
}
