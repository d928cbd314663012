import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect } from 'vitest';

/** A bare client that writes down what happens to it. */
export interface Client {
  readonly socket: Socket;
  /** The events, in order; runs of 'data' once. An error is written as its code. */
  readonly events: readonly string[];
  /** The sizes of the chunks read. */
  readonly chunks: readonly string[];
  /** Resolves with the events once the socket has closed. */
  readonly closed: Promise<readonly string[]>;
  /** Resolves once so many bytes have been read, with all that have. */
  read(bytes: number): Promise<string>;
}

export function dial(to: { host: string; port: number }, options: { allowHalfOpen?: boolean } = {}): Client {
  const socket = connect({ host: to.host, port: to.port, noDelay: true, ...options });
  const events: string[] = [];
  const chunks: string[] = [];
  socket.on('connect', () => events.push('connect'));
  socket.on('end', () => events.push('end'));
  socket.on('error', (error: NodeJS.ErrnoException) => events.push(error.code ?? error.message));
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk.toString('latin1'));
    if (events.at(-1) !== 'data') events.push('data');
  });
  const closed = new Promise<readonly string[]>((resolve) => {
    socket.once('close', () => {
      events.push('close');
      resolve(events);
    });
  });
  opened.push(socket);
  return { socket, events, chunks, closed, read: (bytes) => read(socket, chunks, bytes) };
}

function read(socket: Socket, chunks: readonly string[], bytes: number): Promise<string> {
  const enough = (): string | undefined => {
    const all = chunks.join('');
    return all.length >= bytes ? all : undefined;
  };
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const all = enough();
      if (all !== undefined) resolve(all);
    };
    look();
    socket.on('data', look);
    socket.once('close', () => reject(new Error(`closed before byte ${bytes}`)));
  });
}

/** So many turns of the event loop: what is going to happen at once has happened then. */
export async function turns(count: number): Promise<void> {
  if (count === 0) return;
  await new Promise((resolve) => setImmediate(resolve));
  await turns(count - 1);
}

let opened: Socket[] = [];
let before: readonly string[] = [];

/** The handles of sockets, servers and child processes that this process has. */
export function handles(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /^(TCP|Pipe|Process)/.test(kind))
    .toSorted();
}

/** Makes each test of a file fail which leaves a handle behind; closes its clients. */
export function expectNoHandles(): void {
  beforeEach(() => {
    before = handles();
  });
  afterEach(async () => {
    for (const socket of opened) socket.destroy();
    opened = [];
    await turns(2);
    expect(handles()).toEqual(before);
  });
}
