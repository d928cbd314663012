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
function connected(port: number): Connection {
  return connect(port, host, { onConnect: () => {}, onReset: lost, onData: () => {} });
}

/** What applications write by hand: no timeouts, no limit, no signals. */
async function byHand(port: number): Promise<Asker> {
  const socket = await connected(port).ready();
  let waiting: Waiting[] = [];
  let first = 0;
  return {
    socket,
    ask: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        socket.write(chunk);
      }),
    answer(key) {
      waiting[first]?.resolve(key);
      first += 1;
      if (first < 1_000) return;
      waiting = waiting.slice(first);
      first = 0;
    },
  };
}

async function byHandByKey(port: number): Promise<Asker> {
  const socket = await connected(port).ready();
  const waitingFor = new Map<number, Waiting>();
  return {
    socket,
    ask: (key) =>
      new Promise((resolve, reject) => {
        waitingFor.set(key, { resolve, reject });
        socket.write(chunk);
      }),
    answer(key) {
      const waiting = waitingFor.get(key);
      waitingFor.delete(key);
      waiting?.resolve(key);
    },
  };
}

async function byConnman(port: number): Promise<Asker> {
  const connection = connected(port);
  const requests = new Requests<number>({ limit: Infinity });
  requests.attach(connection);
  return {
    socket: await connection.ready(),
    ask: () => requests.send(chunk),
    answer: (key) => void requests.resolve(key),
  };
}

async function byConnmanByKey(port: number): Promise<Asker> {
  const connection = connected(port);
  const requests = new Requests<number>({ limit: Infinity });
  requests.attach(connection);
  return {
    socket: await connection.ready(),
    ask: (key) => requests.send(chunk, { key }),
    answer: (key) => void requests.resolve(key, key),
  };
}

/** Who asks, by name. */
const askers = {
  connman: byConnman,
  'by hand': byHand,
  'connman, by key': byConnmanByKey,
  'by hand, by key': byHandByKey,
} satisfies Record<string, (port: number) => Promise<Asker>>;

/** The name of one of the {@link askers}. */
export type AskerName = keyof typeof askers;

/** The asker of that name, connected to the server on `port`. */
export function askerNamed(name: string | undefined, port: number): Promise<Asker> {
  for (const [known, open] of Object.entries(askers)) if (known === name) return open(port);
  throw new TypeError(`asker: expected one of ${Object.keys(askers).join(', ')}, got ${name}`);
}
