import type { Life } from './life.js';
import type { Accepted, World } from './world.js';

/**
 * Compares both ends of every connection: what the server received are the first bytes of what `write()` took in one
 * life, and what that life read are the first bytes of what the server sent there.
 */
export function checkStreams(world: World): void {
  const lives = world.programs.flatMap((program) => program.lives);
  const received = world.accepted.map(({ connection }) => connection.receivedBytes());
  world.accepted.forEach((accepted, index) =>
    checkReceived(world, lives, accepted, received[index] as Buffer),
  );
  for (const life of lives) checkRead(world, life);
  checkLosses(world, lives, received);
  checkBytesOfStats(world, received);
}

/** A port may be taken twice in a run: then it must be one of its lives. */
function livesOf(lives: readonly Life[], { port }: Accepted): readonly Life[] {
  return port === undefined ? lives : lives.filter((life) => life.port === port || life.port === undefined);
}

function checkReceived(world: World, lives: readonly Life[], accepted: Accepted, received: Buffer): void {
  if (received.length === 0) return;
  const candidates = livesOf(lives, accepted);
  world.findings.expect(
    candidates.some((life) => life.hasSent(received)),
    () =>
      `server connection ${accepted.connection.number} received what ${candidates.map(({ name }) => name).join(', ') || 'no life'} ` +
      `never wrote: ${received.length} bytes, ${excerpt(received)}`,
  );
}

function checkRead(world: World, life: Life): void {
  if (life.readBytes === 0) return;
  const candidates = world.accepted.filter((accepted) => livesOf([life], accepted).length > 0);
  world.findings.expect(
    candidates.some(({ sent }) => life.hasReadFrom(Buffer.concat(sent))),
    () =>
      `${life.name} read what server connection ${candidates.map(({ connection }) => connection.number).join(', ')} ` +
      `never sent: ${life.readBytes} bytes`,
  );
}

/** What a reset tells as unsent cannot have been received. */
function checkLosses(world: World, lives: readonly Life[], received: readonly Buffer[]): void {
  for (const life of lives) {
    if (!life.reset) continue;
    const { unsentBytes } = life.reset;
    const ends = received.filter((_, index) => world.accepted[index]?.port === life.port);
    const [bytes] = ends;
    if (ends.length !== 1 || bytes === undefined) continue;
    world.findings.expect(
      unsentBytes + bytes.length <= life.triedBytes,
      () => `${life.name}: ${unsentBytes} unsent and ${bytes.length} received of ${life.triedBytes}`,
    );
  }
}

function checkBytesOfStats(world: World, received: readonly Buffer[]): void {
  const arrived = received.reduce((sum, bytes) => sum + bytes.length, 0);
  const sent = world.accepted.reduce((sum, { sent: parts }) => sum + Buffer.concat(parts).length, 0);
  let written = 0;
  let read = 0;
  for (const program of world.programs) {
    const stats = program.connection.stats();
    written += stats.bytesWritten;
    read += stats.bytesRead;
    const tried = program.lives.reduce((sum, life) => sum + life.triedBytes, 0);
    const seen = program.lives.reduce((sum, life) => sum + life.readBytes, 0);
    const { number, findings } = program;
    findings.expect(
      stats.bytesWritten <= tried,
      () => `program ${number}: ${stats.bytesWritten} bytes written of ${tried}`,
    );
    const isText = program.socket.readableEncoding !== null;
    findings.expect(
      isText || seen <= stats.bytesRead,
      () => `program ${number}: ${stats.bytesRead} bytes read, not ${seen}`,
    );
  }
  world.findings.expect(arrived <= written, () => `${arrived} bytes arrived of ${written} written`);
  world.findings.expect(read <= sent, () => `${read} bytes read of ${sent} sent`);
}

function excerpt(bytes: Buffer): string {
  const tags = bytes.toString('latin1').match(/<[^>]*>/g) ?? [];
  return [...new Set(tags)].slice(0, 8).join(' ') || bytes.subarray(0, 40).toString('latin1');
}
