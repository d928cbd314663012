import type { ServerResponse } from 'node:http';
import { now, startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { Message } from '../messages.js';

const mostViewers = 16;
/** What may wait to be sent to a viewer, in bytes: a browser that is asleep comes again. */
const mostUnsent = 4_000_000;

/** What viewers are shown. */
export interface Show {
  full(at: number): Message;
  update(at: number): Message;
  text(at: number): string;
  /** The first viewer has come, or the last one has gone. */
  look(isLooking: boolean): void;
}

/** Who looks at the page. While nobody does, nothing is made and no timer runs. */
export class Viewers {
  readonly #show: Show;
  /** How often there is news, in milliseconds. */
  readonly #interval: number;
  readonly #responses = new Set<ServerResponse>();
  #timer: Timer | undefined;

  constructor(show: Show, interval: number) {
    this.#show = show;
    this.#interval = interval;
  }

  /** Sends events as the answer, from now on; false where there are too many viewers already. */
  add(response: ServerResponse): boolean {
    if (this.#responses.size >= mostViewers) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    if (this.#responses.size === 0) this.#begin();
    this.#responses.add(response);
    response.on('close', () => this.#remove(response));
    send(response, this.#show.full(now()));
    return true;
  }

  /** The page as text. */
  text(): string {
    return this.#show.text(now());
  }

  #begin(): void {
    this.#show.look(true);
    this.#schedule();
  }

  #remove(response: ServerResponse): void {
    this.#responses.delete(response);
    if (this.#responses.size > 0) return;
    stopTimer(this.#timer);
    this.#show.look(false);
  }

  #schedule(): void {
    this.#timer = startTimer(this.#interval, false, () => {
      this.#schedule();
      const message = this.#show.update(now());
      for (const response of this.#responses) {
        if (response.writableLength > mostUnsent) response.destroy();
        else send(response, message);
      }
    });
  }
}

function send(response: ServerResponse, message: Message): void {
  // JSON has no line break of its own, which would end the event.
  response.write(`data: ${JSON.stringify(message)}\n\n`);
}
