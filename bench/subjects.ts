import { connect, createPool, type Handler, type ManagedSocket, type Pool } from 'connman';
import type { Socket } from 'node:net';
import { BareConnection } from './bare.js';

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

/** Opens one connection to the server on `port`; what it returns must be kept alive. */
export type Subject = (port: number, program: Program) => object;

const host = '127.0.0.1';
let pool: Pool | undefined;
let nextInPool: Program;

function addToPool(port: number, program: Program): object {
  pool ??= createPool('bench', () => nextInPool);
  nextInPool = program;
  return pool.addConnection(port, host);
}

/** What is measured, by name. */
export const subjects = {
  bare: (port, program) => new BareConnection(port, host, program),
  connect: (port, program) => connect(port, host, program),
  reuseReadBuffer: (port, program) => connect(port, host, program, { reuseReadBuffer: true }),
  addConnection: addToPool,
} satisfies Record<string, Subject>;

/** The name of one of the {@link subjects}. */
export type SubjectName = keyof typeof subjects;

/** The subject of that name. */
export function subjectNamed(name: string | undefined): Subject {
  for (const [known, subject] of Object.entries(subjects)) if (known === name) return subject;
  throw new TypeError(`subject: expected one of ${Object.keys(subjects).join(', ')}, got ${name}`);
}
