import { Requests, type Handler, type RequestOptions } from '../../src/index.js';

/** A client of a server that answers line by line. A line with a colon is the answer to the request of the key before it. */
export class LineClient implements Handler {
  readonly requests: Requests<string>;
  #partialLine = '';

  constructor(options?: RequestOptions) {
    this.requests = new Requests<string>(options);
  }

  onConnect(): void {
    this.#partialLine = '';
  }

  onData(chunk: Buffer): void {
    const lines = (this.#partialLine + chunk.toString('latin1')).split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    const [key = '', text] = line.split(':');
    if (text === undefined) this.requests.resolve(line);
    else this.requests.resolve(text, key);
  }
}
