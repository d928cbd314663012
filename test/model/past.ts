import * as fc from 'fast-check';
import type { ManagedSocket } from '../../src/index.js';
import type { Program } from './program.js';
import type { Action } from './stage.js';

type Use = (socket: ManagedSocket, program: Program) => void;

function refuses(what: string, { findings }: Program, answer: boolean): void {
  findings.expect(!answer, () => `${what} on the socket of an earlier life was taken`);
}

function owed({ ledger, lives }: Program, what: string): (error?: Error | null) => void {
  return ledger.callback(`${what} on the socket of an earlier life`, lives.length, true);
}

const uses: Readonly<Record<string, Use>> = {
  'write()': (socket, program) => refuses('write()', program, socket.write('past', owed(program, 'write()'))),
  'end()': (socket, program) => socket.end('past', owed(program, 'end()')),
  'read()': (socket, program) => refuses('read()', program, socket.read() !== null),
  'destroy(err)': (socket) => socket.destroy(new Error('destroyed when it was over')),
  'resetAndDestroy()': (socket) => socket.resetAndDestroy(),
  'destroySoon()': (socket) => socket.destroySoon(),
  'connect()': (socket) => socket.connect(1),
  'cork()': (socket) => socket.cork(),
  'resume()': (socket) => socket.resume(),
  'setTimeout(1)': (socket) => socket.setTimeout(1),
};

/** Uses the socket of an earlier life, where there is another than the present one: nothing may come of it. */
export const past: fc.Arbitrary<Action> = fc.constantFrom(...Object.entries(uses)).map(([name, use]) => ({
  label: `past socket: ${name}`,
  act: (program) => {
    const { pastSocket } = program;
    if (pastSocket) use(pastSocket, program);
  },
}));
