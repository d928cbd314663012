import type { ServerResponse } from 'node:http';
import { now, startTimer, stopTimer, type Timer } from '../../primitives/time.js';
import type { Message } from '../messages.js';

const mostViewers = 16;
/** What may wait to be sent to a viewer, in bytes: a browser that is asleep comes again. */
const mostUnsent = 4_000_000;
/** How long leases are followed for a text, in milliseconds, if no page is open. */
const glance = 2_000;

/** What viewers are shown. */
export interface Show {
  full(at: number): Message;
  update(at: number): Message;
  text(at: number): string;
  /** The first viewer has come, or the last one has gone. */
  look(isLooking: boolean): void;
}

/** The viewers of the page. While there is none, nothing is made and no timer runs. */
export class Viewers {
  readonly #show: Show;
  /** How often there is news, in milliseconds. */
  readonly #interval: number;
  /** What they are sent: each is a viewer until it is closed. */
  readonly #responses = new Set<ServerResponse>();
  /** Those of them that are told what is new. */
  readonly #streams = new Set<ServerResponse>();
  #timer: Timer | undefined;

  constructor(show: Show, interval: number) {
    this.#show = show;
    this.#interval = interval;
  }

  /** Sends events as the answer, from now on; false where there are too many viewers already. */
  add(response: ServerResponse): boolean {
    if (this.#responses.size >= mostViewers) return false;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    this.#enter(response);
    this.#streams.add(response);
    send(response, this.#show.full(now()));
    return true;
  }

  /** Answers with the page as text: at once if a page is open, otherwise after a glance. Returns false if there are too many viewers. */
  tell(response: ServerResponse, answer: (text: string) => void): boolean {
    if (this.#responses.size >= mostViewers) return false;
    if (this.#streams.size > 0) {
      answer(this.#show.text(now()));
      return true;
    }
    this.#enter(response);
    // What there is now is compared with what there will be.
    this.#show.update(now());
    const timer = startTimer(glance, false, () => answer(this.#show.text(now())));
    response.on('close', () => stopTimer(timer));
    return true;
  }

  #enter(response: ServerResponse): void {
    if (this.#responses.size === 0) {
      this.#show.look(true);
      this.#schedule();
    }
    this.#responses.add(response);
    response.on('close', () => this.#remove(response));
  }

  #remove(response: ServerResponse): void {
    this.#responses.delete(response);
    this.#streams.delete(response);
    if (this.#responses.size > 0) return;
    stopTimer(this.#timer);
    this.#show.look(false);
  }

  #schedule(): void {
    this.#timer = startTimer(this.#interval, false, () => {
      this.#schedule();
      const message = this.#show.update(now());
      for (const response of this.#streams) {
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
