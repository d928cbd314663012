import type { SocketConnectOpts } from 'node:net';
import * as fc from 'fast-check';
import type { Life, Deed } from './life.js';
import type { Program } from './program.js';
import { past } from './past.js';
import type { Action } from './stage.js';
import { end, write, type Writes } from './writing.js';

const size: fc.Arbitrary<number> = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 4, arbitrary: fc.integer({ min: 1_000, max: 30_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 250_000 }) },
);

const writes: fc.Arbitrary<Writes> = fc.record({
  sizes: fc.array(size, { minLength: 1, maxLength: 4 }),
  as: fc.constantFrom('string', 'buffer', 'bytes'),
  callback: fc.boolean(),
  corked: fc.boolean(),
});

const writing: fc.Arbitrary<Action> = writes.map((what) => ({
  label: `write(${what.sizes.join('+')} ${what.as}${what.callback ? ', cb' : ''})${what.corked ? ' corked' : ''}`,
  act: (program) => write(program, what),
}));

const ending: fc.Arbitrary<Action> = fc
  .record({ size: fc.oneof(fc.constant(0), size), callback: fc.boolean() })
  .map((how) => ({
    label: `end(${how.size || ''}${how.callback ? ' cb' : ''})`,
    act: (program) => end(program, how.size, how.callback),
  }));

/** An action that is always the same. */
function fixed(label: string, act: (program: Program) => void): fc.Arbitrary<Action> {
  return fc.constant({ label, act });
}

/** Does something that may end the present life. */
function deed(label: string, name: Deed, act: (program: Program) => void): fc.Arbitrary<Action> {
  return fixed(label, (program) => {
    presentLife(program)?.deeds.add(name);
    act(program);
  });
}

function presentLife(program: Program): Life | undefined {
  return program.witness.phase === 'up' ? program.life : undefined;
}

const destroying = fc.oneof(
  deed('destroy()', 'destroy', ({ socket }) => socket.destroy()),
  deed('destroy(err)', 'destroy', ({ socket }) => socket.destroy(new Error('destroyed by the program'))),
  deed('resetAndDestroy()', 'destroy', ({ socket }) => socket.resetAndDestroy()),
  deed('destroySoon()', 'end', ({ socket }) => socket.destroySoon()),
);

const resetting = fc.oneof(
  deed('reset()', 'reset', ({ connection }) => connection.reset()),
  deed('reset(err)', 'reset', ({ connection }) => connection.reset(new Error('reset by the program'))),
  fixed('reconnectNow()', ({ connection }) => connection.reconnectNow()),
  fixed('retire()', (program) => retire(program)),
  fixed('retire(err)', (program) => retire(program, new Error('retired by the program'))),
);

/** Retires the present life; the promise must resolve, once that is over. */
function retire(program: Program, reason?: Error): void {
  const { connection, findings, ledger, number } = program;
  const life = presentLife(program);
  life?.deeds.add('retire');
  ledger.promise(`retire() of program ${number}`, connection.retire(reason), (error) => {
    findings.expect(error === undefined, () => `retire() rejected: ${String(error)}`);
    const isOver = life === undefined || life.reset !== undefined;
    findings.expect(isOver, () => `retire() resolved in ${life?.name}`);
  });
}

const disconnecting: fc.Arbitrary<Action> = fc.oneof(
  fc.constantFrom(undefined, 0, 1, 8).map((grace) => ({
    label: grace === undefined ? 'disconnect()' : `disconnect(${grace})`,
    act: (program: Program) => disconnect(program, grace),
  })),
  fc.constantFrom(1, 4, 20).map((drain) => ({
    label: `disconnect(drain ${drain})`,
    act: (program: Program) => disconnect(program, 2, drain),
  })),
  fixed('abort()', (program) => program.abort()),
);

/** Disconnects; the promise must resolve, once the connection is closed. */
export function disconnect(program: Program, grace?: number, drain?: number): void {
  const { connection, socket, findings, ledger, number } = program;
  program.witness.leave('disconnect');
  const options = grace === undefined ? undefined : { grace, drain };
  const done = grace === 1 ? socket.disconnect(options) : connection.disconnect(options);
  ledger.promise(`disconnect() of program ${number}`, done, (error) => {
    findings.expect(error === undefined, () => `disconnect() rejected: ${String(error)}`);
    findings.expect(connection.state === 'closed', () => `disconnect() resolved while ${connection.state}`);
  });
}

/** Awaits `ready()`; it must settle, and only a closed connection may reject. */
function awaitReady({ connection, findings, ledger, number }: Program): void {
  ledger.promise(`ready() of program ${number}`, connection.ready(), (error) => {
    const holds = error === undefined || connection.state === 'closed';
    findings.expect(holds, () => `ready() rejected while ${connection.state}: ${String(error)}`);
  });
}

function read(program: Program): void {
  const isDown = program.witness.phase !== 'up';
  const chunk = program.socket.read() as Buffer | string | null;
  program.findings.expect(chunk === null || !isDown, () => `read() outside a life gave ${String(chunk)}`);
  if (chunk !== null && program.setup.reading === 'readable') program.life?.take(chunk);
}

function removeAllListeners(program: Program): void {
  const life = presentLife(program);
  // While a dial over TLS goes on, Node.js follows the handshake by listeners: without them it lasts until its timeout.
  if (!life && program.setup.transport.isSecure) return;
  // What comes until the program listens again is lost by its own doing.
  if (life && program.setup.reading !== 'onData') life.isExact = false;
  // oxlint-disable-next-line no-restricted-properties -- what connman does when a program calls it is the question
  program.socket.removeAllListeners();
  program.witness.sockets.listenersRemoved();
}

function setEncoding(program: Program, encoding: BufferEncoding): void {
  const { reading } = program.setup;
  if (reading === 'onData' || reading === 'shared') return;
  const life = presentLife(program);
  // Half a character may have come, and is lost.
  if (life) life.isExact = false;
  program.socket.setEncoding(encoding);
}

/** Connects by hand: must never dial. */
function connectByHand({ socket, connection }: Program): void {
  socket.connect(connection.endpoint as SocketConnectOpts);
}

function setPaused(program: Program, isPaused: boolean): void {
  const life = presentLife(program);
  if (life) life.isPaused = isPaused;
  else program.pausesFirstLife = isPaused;
  if (isPaused) program.socket.pause();
  else program.socket.resume();
}

function cork({ socket, witness }: Program): void {
  witness.corks();
  socket.cork();
}

const flow = fc.oneof(
  fixed('pause()', (program) => setPaused(program, true)),
  fixed('resume()', (program) => setPaused(program, false)),
  fixed('cork()', cork),
  fixed('uncork()', ({ socket }) => socket.uncork()),
  fixed('read()', read),
);

const settings = fc.oneof(
  fixed("setEncoding('utf8')", (program) => setEncoding(program, 'utf8')),
  fixed("setEncoding('latin1')", (program) => setEncoding(program, 'latin1')),
  fixed('setTimeout(1)', ({ socket }) => socket.setTimeout(1)),
  fixed('setTimeout(0)', ({ socket }) => socket.setTimeout(0)),
  fixed('ref()', ({ socket }) => socket.ref()),
  fixed('unref()', ({ connection }) => connection.unref()),
  fixed('connect()', connectByHand),
  fixed('removeAllListeners()', removeAllListeners),
  fixed('ready()', awaitReady),
);

/** Everything a program does with its connection, in whatever state that is. */
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 24, arbitrary: writing },
  { weight: 12, arbitrary: flow },
  { weight: 10, arbitrary: settings },
  { weight: 6, arbitrary: destroying },
  { weight: 5, arbitrary: resetting },
  { weight: 4, arbitrary: ending },
  { weight: 2, arbitrary: past },
  { weight: 1, arbitrary: disconnecting },
);
