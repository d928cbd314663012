import type { ManagedSocket } from '../handler/connection.js';
import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { Liveness } from './heartbeat.js';
import { readsNothing } from './watchdog.js';

/** How often to look, in milliseconds. */
const lookInterval = 10;

/**
 * Waits until a peer has sent something. A frozen server still accepts connections, since its operating system does; so after
 * an unanswered heartbeat, an open link proves nothing.
 */
export class Proof {
  #timer: Timer | undefined;

  /** Looks at the counter of bytes read, as an application may read in any way. Calls `proved` once. */
  constructor(socket: ManagedSocket, keepsAlive: boolean, proved: () => void) {
    const look = (): void => {
      this.#timer = undefined;
      if (hasSpoken(socket)) proved();
      else this.#timer = startTimer(lookInterval, keepsAlive, look);
    };
    this.#timer = startTimer(lookInterval, keepsAlive, look);
  }

  stop(): void {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }
}

/** How long a doubted peer has to say something: as long as in any life, but no longer than the rest of the handshake. */
export function proofTimeout({ liveness, handshakeTimeout }: ResolvedTimes, uptime: number): number {
  const { interval, timeout } = liveness?.limits ?? { interval: Infinity, timeout: 0 };
  return Math.max(1, Math.min(interval + timeout, handshakeTimeout - uptime));
}

interface ResolvedTimes {
  readonly liveness: Liveness | undefined;
  readonly handshakeTimeout: number;
}

interface Doubted {
  readonly options: { readonly liveness: Liveness | undefined };
  readonly record: { readonly lastReset: { readonly code: string } | undefined };
  readonly socket: ManagedSocket;
}

/** Whether the last life ended as the peer did not answer, and it has not spoken since. */
export function isDoubtful({ options, record, socket }: Doubted): boolean {
  return record.lastReset?.code === 'heartbeat' && Boolean(options.liveness?.heartbeat) && !hasSpoken(socket);
}

/** Whether something was read, or the application does not read, so that silence says nothing about the peer. */
function hasSpoken(socket: ManagedSocket): boolean {
  return socket.bytesRead > 0 || readsNothing(socket);
}
