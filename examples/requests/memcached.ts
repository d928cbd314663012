/** A client of memcached: its answers come in the order of the requests, so these have no keys. */
import { connect, Requests, type Connection, type ConnectionOptions, type Handler } from 'connman';

export class Memcached implements Handler {
  readonly requests: Requests<string | undefined> = new Requests({ timeout: 1_000 });
  readonly connection: Connection;
  /** What has been read of an answer whose end has yet to come. */
  #input = '';

  constructor(port: number, host: string, options?: ConnectionOptions) {
    this.connection = connect(port, host, this, options);
    this.requests.attach(this.connection);
  }

  /** The value, as Latin-1; `undefined` where there is none. */
  get(key: string): Promise<string | undefined> {
    return this.requests.send(`get ${key}\r\n`);
  }

  async set(key: string, value: string): Promise<void> {
    const text = `set ${key} 0 0 ${value.length}\r\n${value}\r\n`;
    await this.requests.send(Buffer.from(text, 'latin1'));
  }

  /** In each life. Half an answer of one life is no part of the first answer of the next. */
  onConnect(): void {
    this.#input = '';
  }

  onData(chunk: Buffer): void {
    this.#input += chunk.toString('latin1');
    while (this.#takeAnswer());
  }

  #takeAnswer(): boolean {
    const input = this.#input;
    const [head, line = '', size] = /^(END|STORED|VALUE \S+ \d+ (\d+)|.*)\r\n/.exec(input) ?? [];
    if (head === undefined) return false;
    const valueEnd = head.length + Number(size ?? 0);
    const end = size === undefined ? head.length : valueEnd + '\r\nEND\r\n'.length;
    if (input.length < end) return false;
    this.#input = input.slice(end);
    if (size !== undefined) this.requests.resolve(input.slice(head.length, valueEnd));
    else if (line === 'END' || line === 'STORED') this.requests.resolve(undefined);
    else this.requests.reject(new Error(line));
    return true;
  }
}
