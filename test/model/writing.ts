import type { Program } from './program.js';

/** One or several writes, done in one go. */
export interface Writes {
  readonly sizes: readonly number[];
  readonly as: 'string' | 'buffer' | 'bytes';
  readonly callback: boolean;
  readonly corked: boolean;
}

/** Writes, and checks what `write()` returns where that is known beforehand. */
export function write(program: Program, { sizes, as, callback, corked }: Writes): void {
  const { connection, socket, findings } = program;
  if (corked) socket.cork();
  for (const size of sizes) {
    const text = program.payload(size);
    const isDown = program.isDown;
    const done = callback ? owed(program, `write ${text.slice(0, 16)}`) : undefined;
    takeNote(program, text);
    const { refusedWrites } = connection.stats();
    const isRoomLeft = socket.write(encoded(text, as), done);
    const refused = connection.stats().refusedWrites - refusedWrites;
    findings.expect(
      refused === (isDown ? 1 : 0) || (!isDown && !isRoomLeft),
      () => `a write counts as ${refused} that were refused: ${text.slice(0, 16)}`,
    );
    findings.expect(
      !isDown || !isRoomLeft,
      () => `write() returned true with the link down: ${text.slice(0, 16)}`,
    );
  }
  if (corked) socket.uncork();
}

/** Ends the program's side, with last words or without. */
export function end(program: Program, size: number, callback: boolean): void {
  const { socket } = program;
  if (program.witness.phase === 'up') program.life?.deeds.add('end');
  const text = program.payload(size);
  const done = callback ? owed(program, `end ${text.slice(0, 16)}`) : undefined;
  if (size > 0) {
    takeNote(program, text);
    socket.end(text, done);
  } else {
    socket.end(done);
  }
}

function owed(program: Program, what: string): (error?: Error | null) => void {
  return program.ledger.callback(what, program.lives.length, program.isDown);
}

/** Writes that the program makes in a life which can take them are those that the server may see. */
function takeNote(program: Program, text: string): void {
  const { socket } = program;
  const isEnding = socket.readableEnded && !socket.allowHalfOpen;
  const { life } = program;
  if (!life || program.isDown) return;
  life.triedBytes += text.length;
  if (socket.writable && !isEnding) life.accept(text);
}

function encoded(text: string, as: Writes['as']): string | Uint8Array {
  if (as === 'string') return text;
  const buffer = Buffer.from(text);
  return as === 'buffer' ? buffer : new Uint8Array(buffer);
}
