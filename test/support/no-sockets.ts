import childProcess, { ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import { Server, Socket } from 'node:net';
import { afterEach, expect } from 'vitest';

// Loaded before each test file of the unit ring. A test that dials, listens or starts a program fails, also where the
// error is caught: its file belongs to the socket ring.

const seen: string[] = [];

/** What the test has done so far that no test of the unit ring may do; it is forgotten. */
export function takeForbidden(): string[] {
  return seen.splice(0);
}

function forbid(owner: object, name: string, what: string): void {
  const value = (): never => {
    seen.push(what);
    throw new Error(`a test of the unit ring ${what}: its file belongs to the socket ring`);
  };
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
}

forbid(Socket.prototype, 'connect', 'dials');
forbid(Server.prototype, 'listen', 'listens');
forbid(dgram.Socket.prototype, 'bind', 'opens a socket');
forbid(dgram.Socket.prototype, 'send', 'opens a socket');
forbid(ChildProcess.prototype, 'spawn', 'starts a program');
for (const name of ['spawnSync', 'execSync', 'execFileSync']) forbid(childProcess, name, 'starts a program');
syncBuiltinESMExports();

afterEach(() => {
  expect(takeForbidden(), 'what a test of the socket ring may do').toEqual([]);
});
