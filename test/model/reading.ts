import type { CloseReason, DialFailure, Handler, ManagedSocket, Reset } from '../../src/index.js';
import type { Life } from './life.js';
import type { Program } from './program.js';

/**
 * How a program reads: by `onData`, by `onData` with the shared buffer, by a listener of its own for `'data'` or for
 * `'readable'`, or not at all.
 */
export type Reading = (typeof readings)[number];

/** Every way of reading. */
export const readings = ['onData', 'shared', 'data', 'readable', 'none'] as const;

/** The handler of a program; it has an `onData` only where the program reads by it. */
export function modelHandler(program: Program): Handler {
  const { witness } = program;
  const begin = (name: 'onConnect' | 'onReconnect') => (socket: ManagedSocket) =>
    witness.called(name, () => {
      witness.lifeBegins(socket);
      program.lifeBegins();
    });
  const handler = {
    onConnect: begin('onConnect'),
    onReconnect: begin('onReconnect'),
    onReset: (reset: Reset) => witness.called('onReset', () => witness.lifeEnds(reset)),
    onRetire: (reason: Error | undefined) => witness.called('onRetire', () => witness.retires(reason)),
    onRetry: (failure: DialFailure) => witness.called('onRetry', () => witness.dialFailed(failure)),
    onClose: (reason: CloseReason) => witness.called('onClose', () => witness.closed(reason)),
    onError: (error: unknown, where: string) => witness.errorReported(error, where),
  };
  if (program.setup.reading !== 'onData' && program.setup.reading !== 'shared') return handler as Handler;
  const onData = (chunk: Buffer): void | Promise<void> =>
    witness.called('onData', () => program.life?.take(chunk));
  Object.assign(handler, { onData });
  return handler as Handler;
}

const readers: WeakMap<Program, () => void> = new WeakMap();

/** Begins to read, as a program that reads by itself does in `onConnect` and `onReconnect`. */
export function listen(program: Program, life: Life): void {
  const { socket, setup } = program;
  if (setup.reading !== 'data' && setup.reading !== 'readable') return;
  const known = readers.get(program);
  if (known && socket.listeners(setup.reading).includes(known)) return;
  const reader = setup.reading === 'data' ? takeFrom(program) : takeAll(program, socket);
  readers.set(program, reader);
  socket.on(setup.reading, reader);
  if (socket.readableLength > 0) life.isExact = false;
}

function takeFrom(program: Program): (chunk?: Buffer | string) => void {
  return (chunk) => {
    if (program.witness.phase !== 'up') program.findings.add("'data' outside a life");
    else if (chunk !== undefined) program.life?.take(chunk);
  };
}

function takeAll(program: Program, socket: ManagedSocket): () => void {
  return () => {
    for (;;) {
      const chunk = socket.read() as Buffer | string | null;
      if (chunk === null) return;
      takeFrom(program)(chunk);
    }
  };
}
