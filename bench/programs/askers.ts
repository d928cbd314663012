import { connect, Requests, type Connection } from 'connman';
import type { Socket } from 'node:net';

/** Sends requests over one connection, and is told of each answer by hand, as by a parser. */
export interface Asker {
  readonly socket: Socket;
  ask(key: number): Promise<number>;
  /** An answer to this request has come. In order, it is the oldest one. */
  answer(key: number): void;
}

const host = '127.0.0.1';
/** As short as requests get, so that writing them takes the least part. */
const chunk = Buffer.from('ping\r\n');

function lost(): never {
  throw new Error('a connection was lost: the measurement is worthless');
}

interface Waiting {
  resolve(answer: number): void;
  reject(error: Error): void;
}

/** A connection of connman: what is compared is the queue alone. */
function open(port: number, onReset: () => void): Connection {
  return connect(port, host, { onConnect: () => {}, onReconnect: lost, onReset, onData: () => {} });
}

/** What applications write by hand: no timeouts, no limit, no signals. */
class HandWritten implements Asker {
  socket!: Socket;
  #waiting: Waiting[] = [];
  #first = 0;

  async open(port: number): Promise<this> {
    this.socket = await open(port, () => this.#lose()).ready();
    return this;
  }

  ask(_: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.socket.write(chunk);
    });
  }

  answer(key: number): void {
    this.#waiting[this.#first]?.resolve(key);
    this.#first += 1;
    if (this.#first < 1_000) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }

  #lose(): void {
    for (const { reject } of this.#waiting) reject(new Error('lost'));
    lost();
  }
}

class HandWrittenByKey extends HandWritten {
  readonly #waitingFor: Map<number, Waiting> = new Map();

  override ask(key: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waitingFor.set(key, { resolve, reject });
      this.socket.write(chunk);
    });
  }

  override answer(key: number): void {
    const waiting = this.#waitingFor.get(key);
    this.#waitingFor.delete(key);
    waiting?.resolve(key);
  }
}

class Connman implements Asker {
  socket!: Socket;
  readonly requests: Requests<number> = new Requests({ limit: Infinity });

  async open(port: number): Promise<this> {
    const connection = open(port, lost);
    this.requests.attach(connection);
    this.socket = await connection.ready();
    return this;
  }

  ask(_: number): Promise<number> {
    return this.requests.send(chunk);
  }

  answer(key: number): void {
    this.requests.resolve(key);
  }
}

class ConnmanByKey extends Connman {
  override ask(key: number): Promise<number> {
    return this.requests.send(chunk, { key });
  }

  override answer(key: number): void {
    this.requests.resolve(key, key);
  }
}

/** Who asks, by name. */
export const askers = {
  connman: (port) => new Connman().open(port),
  'by hand': (port) => new HandWritten().open(port),
  'connman, by key': (port) => new ConnmanByKey().open(port),
  'by hand, by key': (port) => new HandWrittenByKey().open(port),
} satisfies Record<string, (port: number) => Promise<Asker>>;

/** The name of one of the {@link askers}. */
export type AskerName = keyof typeof askers;

/** The asker of that name, connected to the server on `port`. */
export function askerNamed(name: string | undefined, port: number): Promise<Asker> {
  for (const [known, open] of Object.entries(askers)) if (known === name) return open(port);
  throw new TypeError(`asker: expected one of ${Object.keys(askers).join(', ')}, got ${name}`);
}
