import childProcess, { ChildProcess } from 'node:child_process';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import { Server, Socket } from 'node:net';
import { afterEach, expect } from 'vitest';

/**
 * Loaded before each test file of the unit ring: a test that dials, listens or starts a program fails, even where the
 * error is caught. Its file belongs to the socket ring; `vitest.config.mts` has the list.
 */
const used: string[] = [];

function forbid(owner: object, name: string, what: string): void {
  const value = (): never => {
    used.push(what);
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
  expect(used.splice(0), 'a test of the unit ring needs a socket or a program').toEqual([]);
});
