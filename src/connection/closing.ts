import { formatEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { ClosedError, isError, withCause, type DialError } from '../primitives/errors.js';
import {
  publishClose,
  publishDialFailed,
  publishDisconnect,
  type ConnectionSource,
} from '../telemetry/index.js';
import { warnIfUnheard } from './gave-up.js';
import { tellHandler, type HandlerOwner } from './handler/call-handler.js';
import type { ManagedSocket } from './handler/connection.js';
import type { ConnectionState, Trigger } from './life-cycle.js';
import type { Life } from './life/life.js';
import type { OwnerEvent } from './owner.js';
import type { Verdict } from './life/reset.js';
import type { Shared } from './shared.js';
import type { Link } from './socket/link.js';
import type { CloseCode } from './stats/counters.js';
import type { ConnectionRecord } from './stats/record.js';

/** How long a peer has to end its side, in milliseconds, unless `disconnect()` says otherwise. */
const defaultGrace = 2_000;

/** The connection, as far as its end needs it. */
export interface ClosingHost extends HandlerOwner, ConnectionSource {
  readonly link: Link;
  readonly socket: ManagedSocket;
  readonly state: ConnectionState;
  readonly owner: { readonly shared: Shared };
  readonly record: ConnectionRecord;
  /** Whether a caller waits for it to be ready. */
  readonly isWanted: boolean;
  /** Whether the socket will still emit 'close'. */
  readonly isSocketOpen: boolean;
  move(trigger: Trigger, reason?: string | DialError): boolean;
  setDeadline(delay: number, act: () => void): void;
  tell(event: OwnerEvent): void;
}

/** The end of a connection: why, and how. What was written is flushed, then the socket ends, and is destroyed after the grace. */
export class Closing {
  readonly code: CloseCode;
  error: unknown;
  readonly #host: ClosingHost;

  constructor(host: ClosingHost, code: CloseCode, error?: unknown) {
    this.#host = host;
    this.code = code;
    this.error = error;
  }

  /** How a life ends that is closed with the connection. */
  get verdict(): Verdict {
    const { error } = this;
    return isError(error) ? { code: 'disconnect', error } : { code: 'disconnect' };
  }

  /** The state has become `closing`: ends the life that goes on, or the dial. */
  begin(life: Life | undefined, grace: number | undefined): void {
    const host = this.#host;
    if (!host.isSocketOpen) process.nextTick(() => this.finish('socket-closed'));
    else if (life) this.flushAndEnd(life, grace);
    else host.socket.destroy();
    publishDisconnect(host, this.code, this.error);
    host.tell('closing');
  }

  /** Ends a life that goes on. A later call replaces the grace. */
  flushAndEnd(life: Life, grace: number = defaultGrace): void {
    const { socket, link, owner } = this.#host;
    life.willEnd(this.verdict);
    if (grace === 0) {
      socket.destroy();
      return;
    }
    this.#host.setDeadline(grace, () => socket.destroy());
    if (socket.writableEnded) return;
    link.refuseWrites();
    owner.shared.endings.add(this);
  }

  /** Called by the batcher that ends the sockets of many connections in turns. */
  endSocket(): void {
    const { socket, state } = this.#host;
    if (state === 'closing' && !socket.destroyed && !socket.writableEnded) socket.end();
  }

  /** The socket has closed, or no dial may follow: the connection is closed. `failure` is its own dial that failed last. */
  finish(trigger: 'socket-closed' | 'gave-up', failure?: DialError): void {
    const host = this.#host;
    const isAwaited = host.isWanted;
    if (!host.move(trigger, failure)) return;
    const { code, error } = this;
    if (failure) publishDialFailed(host, failure, host.record.failuresInRow);
    publishClose(host, code, error);
    host.tell('closed');
    const { endpoint, life: lives } = host;
    const reason = Object.freeze({ code, ...(error !== undefined && { error }), endpoint, lives });
    tellHandler(host, 'onClose', reason);
    if (!isAwaited) warnIfUnheard(host, code, error);
  }
}

/** The error for a caller that wants something of a closed connection. */
export function closedError(endpoint: Endpoint, cause: unknown): ClosedError {
  const message = withCause(`connection to ${formatEndpoint(endpoint)} is closed`, cause);
  return new ClosedError(message, { endpoint, ...(cause !== undefined && { cause }) });
}
