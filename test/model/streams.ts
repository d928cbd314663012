import type { Accepted } from './accepted.js';
import type { Life } from './life.js';
import type { World } from './world.js';

/** One connection of the server, and all that went over it. */
interface Peer {
  readonly accepted: Accepted;
  readonly received: Buffer;
  readonly sent: Buffer;
}

/** What a program writes begins like this. */
const writtenByProgram = /<p\d+\.l/;

/**
 * Compares both ends of every connection: what the server received are the first bytes of what `write()` took in one
 * life, and what that life read are the first bytes of what the server sent there.
 */
export function checkStreams(world: World): void {
  const lives = world.programs.flatMap((program) => program.lives);
  const all = world.accepted.map((accepted) => ({
    accepted,
    received: accepted.connection.receivedBytes(),
    sent: accepted.sent,
  }));
  const peers = all.filter(({ accepted }) => accepted.isUsable);
  for (const peer of peers) checkReceived(world, lives, peer);
  for (const peer of all) if (!peer.accepted.isUsable) checkSecret(world, peer);
  for (const life of lives) checkRead(world, life, peers);
  checkLosses(world, lives, peers);
  checkBytesOfStats(world, peers);
}

function checkReceived(world: World, lives: readonly Life[], { accepted, received }: Peer): void {
  if (received.length === 0) return;
  // A port may be taken twice in a run: then it must be one of its lives.
  const candidates = lives.filter((life) => accepted.mayBelongTo(life));
  world.findings.expect(
    candidates.some((life) => life.hasSent(received)),
    () =>
      `server connection ${accepted.connection.number} received what ${candidates.map(({ name }) => name).join(', ') || 'no life'} ` +
      `never wrote: ${received.length} bytes, ${excerpt(received)}`,
  );
}

/** A server without the right to speak TLS must not see what the program writes. */
function checkSecret(world: World, { accepted, received }: Peer): void {
  world.findings.expect(
    !writtenByProgram.test(received.toString('latin1')),
    () => `server connection ${accepted.connection.number} received in plain text ${excerpt(received)}`,
  );
}

/** What a life has read was sent on a connection that has received nothing but what this life wrote. */
function checkRead(world: World, life: Life, peers: readonly Peer[]): void {
  if (life.readBytes === 0) return;
  // OpenSSL throws the record away that it finds waiting while our side ends.
  const mayLose =
    world.setup.transport.isSecure && (life.deeds.size > 0 || life.reset?.code === 'disconnect');
  const candidates = peers.filter(
    ({ accepted, received }) => accepted.mayBelongTo(life) && life.hasSent(received),
  );
  world.findings.expect(
    candidates.some(({ sent }) => life.hasReadFrom(sent, mayLose)),
    () =>
      `${life.name} read what server connection ${candidates.map(({ accepted }) => accepted.connection.number).join(', ')} ` +
      `never sent: ${life.readBytes} bytes`,
  );
}

/** What a reset tells as unsent cannot have been received. */
function checkLosses(world: World, lives: readonly Life[], peers: readonly Peer[]): void {
  for (const life of lives) {
    if (!life.reset) continue;
    const { unsentBytes } = life.reset;
    const length = receivedOf(world, life, peers);
    world.findings.expect(
      unsentBytes + length <= life.triedBytes,
      () => `${life.name}: ${unsentBytes} unsent and ${length} received of ${life.triedBytes}`,
    );
  }
}

/** How much of a life has surely been received. */
function receivedOf(world: World, { port }: Life, peers: readonly Peer[]): number {
  // Over TLS, Node.js tells of what is sent a turn late.
  if (port === undefined || world.setup.transport.isSecure) return 0;
  const [peer, ...others] = peers.filter(({ accepted }) => accepted.port === port);
  return peer && others.length === 0 ? peer.received.length : 0;
}

function checkBytesOfStats(world: World, peers: readonly Peer[]): void {
  const arrived = peers.reduce((sum, { received }) => sum + received.length, 0);
  const sent = peers.reduce((sum, { sent: bytes }) => sum + bytes.length, 0);
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
    const isText = program.lives.some((life) => life.isText);
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
