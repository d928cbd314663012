import { connect, type Handler, type ManagedSocket } from 'connman';
import type { Socket } from 'node:net';
import { BareConnection } from './bare.js';
import { requirePeer } from './lenders/peers.js';

/** A program that every subject can run: the same code above connman and above a bare socket. */
export abstract class Program implements Handler {
  abstract onConnect(socket: Socket | ManagedSocket): void;
  abstract onData(chunk: Buffer): void;
  onReset(): void {
    throw new Error('a connection was lost: the measurement is worthless');
  }
  onReconnect(): void {
    throw new Error('a connection came back: the measurement is worthless');
  }
}

/** Opens one connection to the server on `port`. */
export type Subject = (port: number, program: Program) => void;

const host = '127.0.0.1';
/** connman's own defaults, which the control has as well: all ask the same of the operating system. */
const alike = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 };

interface Connman2 {
  connect(port: number, host: string, program: Program, options: object): void;
}

function connectConnman2(port: number, program: Program): void {
  const { connect: connect2 } = requirePeer('connman-2') as Connman2;
  connect2(port, host, program, alike);
}

type ReconnectNet = (onConnection: (socket: Socket) => void) => {
  on(event: 'disconnect', lost: () => void): { connect(options: object): void };
};

function connectReconnectNet(port: number, program: Program): void {
  const reconnect = requirePeer('reconnect-net') as ReconnectNet;
  reconnect((socket) => {
    socket.on('data', (chunk) => program.onData(chunk));
    program.onConnect(socket);
  })
    .on('disconnect', () => program.onReset())
    .connect({ port, host, ...alike });
}

/** What is measured, by name. */
const subjects = {
  bare: (port, program) => void new BareConnection(port, host, program),
  connman: (port, program) => void connect(port, host, program),
  'connman, reuseReadBuffer': (port, program) => void connect(port, host, program, { reuseReadBuffer: true }),
  'connman-2': connectConnman2,
  'reconnect-net': connectReconnectNet,
} satisfies Record<string, Subject>;

/** The name of one of the {@link subjects}. */
export type SubjectName = keyof typeof subjects;

/** The subject of that name. */
export function subjectNamed(name: string | undefined): Subject {
  for (const [known, subject] of Object.entries(subjects)) if (known === name) return subject;
  throw new TypeError(`subject: expected one of ${Object.keys(subjects).join(', ')}, got ${name}`);
}
