/** A client of JSON-RPC 2.0, a message a line: answers come in any order, so each request has a key, its `id`. */
import { connect, Requests, type Connection, type ConnectionOptions, type Handler } from 'connman';

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

export class JsonRpc implements Handler {
  readonly requests: Requests = new Requests({ timeout: 1_000 });
  readonly connection: Connection;
  #lastId = 0;
  /** The beginning of a line whose end has yet to come. */
  #partialLine = '';

  constructor(port: number, host: string, options?: ConnectionOptions) {
    this.connection = connect(port, host, this, options);
    this.requests.attach(this.connection);
  }

  /** Rejects with a `LifeEndedError` when the link is lost: the call may have been carried out, or not. */
  call(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const line = `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
    return this.requests.send(line, { key: id, signal });
  }

  /** In each life. Half a line of one life is no part of the first line of the next. */
  onConnect(): void {
    this.#partialLine = '';
  }

  onData(chunk: Buffer): void {
    // Latin-1 while it is split, so that no character is cut in two.
    const lines = (this.#partialLine + chunk.toString('latin1')).split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) this.#answered(JSON.parse(Buffer.from(line, 'latin1').toString()) as Answer);
  }

  #answered({ id, result, error }: Answer): void {
    if (error) this.requests.reject(new Error(`${error.code}: ${error.message}`), id);
    else this.requests.resolve(result, id);
  }
}
