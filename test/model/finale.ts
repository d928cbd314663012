import { echo } from '../../src/testing/index.js';
import { disconnect } from './actions.js';
import type { Program } from './program.js';
import { sound } from './security.js';
import { checkStreams } from './streams.js';
import type { World } from './world.js';
import { write } from './writing.js';

/** Longer than connman is patient with a half-closed life. */
const patience = 5_000;

/** Ends a run: the last connection must work again, then everything must close, and nothing be owed or left over. */
export async function finish(world: World): Promise<void> {
  world.findings.note('* the end');
  await prove(world, world.program);
  for (const program of world.programs) {
    program.stage.clear();
    disconnect(program, 0);
  }
  const owed = (): string[] => world.programs.flatMap(({ ledger }) => ledger.owed);
  await within(world, () => owed().length === 0);
  for (const what of owed()) world.findings.add(`still owed: ${what}`);
  await closeServer(world);
  for (const program of world.programs) program.witness.checkEnd();
  world.check();
  checkStreams(world);
  world.findings.throwIfAny();
}

/** With a healthy server, a connection that has not ended must come up and carry bytes, whatever happened before. */
async function prove(world: World, program: Program): Promise<void> {
  const { connection } = program;
  program.stage.clear();
  world.treat(() => [echo()]);
  world.site.secure(sound);
  await world.server.listen();
  world.server.dropAll(world.setup.lastDrop);
  const isOver = (): boolean => program.isLeaving;
  const works = async (): Promise<boolean> => {
    await world.until(() => connection.state === 'ready' || isOver(), 200);
    if (connection.state !== 'ready') return false;
    const { socket } = connection;
    if (program.life?.isPaused || !program.life?.isExact) socket.resume();
    while (socket.writableCorked > 0) socket.uncork();
    const life = connection.life;
    write(program, { sizes: [20], as: 'string', callback: true, corked: false });
    await world.until(() => hasArrived(world, program) || connection.life !== life, 200);
    return connection.life === life && hasArrived(world, program);
  };
  const deadline = performance.now() + patience;
  while (!isOver() && !(await works())) {
    if (performance.now() < deadline) continue;
    world.findings.add(`program ${program.number} is stuck: ${describe(world, program)}`);
    return;
  }
}

/** What is known of a connection that does not work. */
function describe({ accepted }: World, { connection, life }: Program): string {
  const { state, socket } = connection;
  const sent = `${life?.acceptedBytes} bytes written, ${socket.writableLength} of them waiting`;
  const read = `${life?.readBytes} read, ${socket.readableLength} waiting, flowing: ${socket.readableFlowing}`;
  const peers = accepted
    .filter(({ connection: { open } }) => open)
    .map(
      (each) => `${each.connection.received} received, ${each.sent.length} sent, usable: ${each.isUsable}`,
    );
  return `${state}, life ${connection.life}; ${sent}; ${read}; ${peers.join(' / ')}`;
}

/** Whether the server has all that this life wrote, and the program all that came back. */
function hasArrived(world: World, { life, setup, socket }: Program): boolean {
  if (!life || socket.destroyed) return false;
  const accepted = world.accepted.findLast(
    (each) =>
      each.isUsable &&
      each.mayBelongTo(life) &&
      each.connection.received === life.acceptedBytes &&
      life.hasSent(each.connection.receivedBytes()),
  );
  if (!accepted?.connection.socket.writable) return false;
  const readsAll = setup.reading !== 'none' && life.isExact && socket.readableEncoding === null;
  return !readsAll || life.readBytes === accepted.sent.length;
}

/** The server reads what has come, also where it has stalled until now, and closes. */
async function closeServer(world: World): Promise<void> {
  for (const { connection } of world.accepted) if (connection.open) connection.resume();
  await world.until(
    () => world.accepted.every(({ connection }) => connection.ended || !connection.open),
    200,
  );
  await world.site.close();
}

async function within(world: World, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + patience;
  while (!condition() && performance.now() < deadline) await world.until(condition, 100);
}
