import type { CloseReason, DialFailure, Handler, ManagedSocket, Reset } from '../../index.js';
import { startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import { causeText } from '../shell/cause.js';
import { formatDuration } from '../shell/text.js';
import { lineEnd, type Protocol } from './protocols.js';
import type { Timeline } from './timeline.js';

const pingInterval = 25;

/** The counters of a handler: lives with an answering server, and pings by their outcome. */
export interface PingCounts {
  /**
   * The lives in which the server answered. The system may still accept a dial to a dying process. Such a life has no
   * answers, and ends at once.
   */
  readonly lives: number;
  readonly sent: number;
  readonly answered: number;
  /** Sent in a life that ended before the answer came. */
  readonly lost: number;
}

/**
 * Pings its server in each life, and reports events to the timeline.
 *
 * connman sends nothing twice. Requests in flight are lost when a life ends, and only the handler knows them. So the handler
 * keeps the pings that wait for an answer, and counts them as lost in `onReset`.
 */
export class PingHandler implements Handler {
  readonly name: string;
  readonly #protocol: Protocol;
  readonly #timeline: Timeline;
  #socket: ManagedSocket | undefined;
  #timer: Timer | undefined;
  #life = 0;
  #lives = 0;
  #isAnswered = false;
  #sent = 0;
  #answered = 0;
  #lost = 0;
  /** The numbers of the pings that wait for an answer, in the order sent. */
  #waiting: number[] = [];
  /** The beginning of a line whose end has yet to come. */
  #partialLine = '';
  #finished: (() => void) | undefined;

  constructor(name: string, protocol: Protocol, timeline: Timeline) {
    this.name = name;
    this.#protocol = protocol;
    this.#timeline = timeline;
  }

  get counts(): PingCounts {
    return { lives: this.#lives, sent: this.#sent, answered: this.#answered, lost: this.#lost };
  }

  onConnect(socket: ManagedSocket): void {
    this.#socket = socket;
    this.#timeline.add(this.name, 'connected', `life ${++this.#life}`);
    this.#begin(socket);
  }

  onReconnect(socket: ManagedSocket): void {
    const object = socket === this.#socket ? 'the same socket' : 'ANOTHER SOCKET';
    this.#timeline.add(this.name, 'reconnected', `life ${++this.#life}, ${object}`);
    this.#begin(socket);
  }

  onData(chunk: Buffer): void {
    const lines = (this.#partialLine + chunk.toString('latin1')).split(lineEnd);
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  onReset(reset: Reset): void {
    stopTimer(this.#timer);
    const lost = this.#waiting.length;
    this.#lost += lost;
    this.#waiting = [];
    this.#partialLine = '';
    const next = reset.delay === undefined ? 'no further dial' : `dial in ${formatDuration(reset.delay)}`;
    const cause = [reset.code, reset.error && causeText(reset.error)].filter(Boolean).join(', ');
    const end = `life ${reset.life} ended after ${formatDuration(reset.uptime)} (${cause})`;
    this.#timeline.add(this.name, 'reset', `${end}; pings lost: ${lost}; ${next}`);
    this.#settle();
  }

  onRetry({ error, attempts, delay }: DialFailure): void {
    const details = `${causeText(error)}, ${attempts} in a row; dial in ${formatDuration(delay)}`;
    this.#timeline.add(this.name, 'dial failed', details);
  }

  onClose({ code, lives }: CloseReason): void {
    this.#timeline.add(this.name, 'closed', `${code}; lives: ${lives}`);
  }

  /** Sends one ping now. */
  ping(): void {
    const n = ++this.#sent;
    this.#waiting.push(n);
    this.#socket?.write(this.#protocol.ping(n) + lineEnd);
  }

  /** Stops the regular pings. Resolves once every ping is answered or lost. */
  finish(): Promise<void> {
    stopTimer(this.#timer);
    return new Promise((resolve) => {
      this.#finished = resolve;
      this.#settle();
    });
  }

  #begin(socket: ManagedSocket): void {
    this.#isAnswered = false;
    if (this.#finished) return;
    this.ping();
    this.#pingAgain(socket);
  }

  #pingAgain(socket: ManagedSocket): void {
    this.#timer = startTimer(pingInterval, true, () => {
      // Not writable: the connection is being closed.
      if (socket.writable) this.ping();
      this.#pingAgain(socket);
    });
  }

  #take(line: string): void {
    const n = this.#waiting.shift();
    if (n !== undefined && this.#protocol.isAnswer(line, n)) {
      this.#answered += 1;
      if (!this.#isAnswered) this.#lives += 1;
      this.#isAnswered = true;
      this.#settle();
      return;
    }
    // Out of step: no later answer can be trusted. This ends the life, and connman begins another.
    if (n !== undefined) this.#waiting.unshift(n);
    this.#socket?.destroy(new Error(`unexpected answer: ${line}`));
  }

  #settle(): void {
    if (this.#waiting.length === 0) this.#finished?.();
  }
}
