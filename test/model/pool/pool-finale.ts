import { ClosedError } from '../../../src/index.js';
import type { PoolProgram } from './pool-program.js';
import { settled } from './pool-step.js';
import type { PoolWorld } from './pool-world.js';

/** Longer than anything takes that is to happen. */
const patience = 10_000;

/** Makes all well, and sees that nothing of any pool was lost: every connection is ready, and can be lent. */
export async function makeQuiet(world: PoolWorld): Promise<void> {
  await world.heal();
  for (const program of world.present) {
    program.calm();
    program.hasFollowed = false;
    if (!program.source) {
      if (program.expected === 0) world.add(program, 0);
    } else if (program.canFollow) void program.source.say(world.servers.map(({ endpoint }) => endpoint));
  }
  for (const program of world.present) await makeReady(world, program);
  await settled();
}

async function makeReady(world: PoolWorld, program: PoolProgram): Promise<void> {
  const { findings, pool } = program;
  await world.until(() => !program.canFollow || program.hasFollowed, patience);
  // What was missing, as the factory threw or the program has disconnected it, is opened now.
  if (program.source) program.resize(program.perEndpoint);
  const isReady = (): boolean => {
    world.endHalfOpen();
    program.calm();
    return program.isReady;
  };
  if (await world.until(isReady, patience)) {
    proveCapacity(program);
    return;
  }
  const { ready, size, waiting, states } = pool.stats();
  const what = `${ready} of ${size} ready, ${program.expected} expected, ${waiting} wait`;
  findings.add(`${pool.name} does not recover: ${what}, ${JSON.stringify(states)}`);
}

/** Everything that is there can be lent at once, and no more. */
function proveCapacity(program: PoolProgram): void {
  const { findings, members, pool } = program;
  const { size } = pool;
  members.checkQuiet();
  const capacity = program.capacity();
  const loans = Array.from({ length: capacity }, () => program.tryAcquire());
  const missing = loans.filter((loan) => loan === undefined).length;
  findings.expect(
    missing === 0,
    () => `${pool.name}: ${missing} of ${capacity} of ${size} could not be lent`,
  );
  findings.expect(
    program.tryAcquire() === undefined,
    () => `${pool.name}: more than ${capacity} could be lent`,
  );
  for (const loan of loans) if (loan && !loan.isOver) program.giveBack(loan, 'release');
  program.tally.count('quiet');
  program.plan = 'keep';
}

/** Disconnects a pool: whoever waits is told, or served while it drains, leases last as long as they may, and then nothing is left of it. */
export async function disconnectPool(
  world: PoolWorld,
  program: PoolProgram,
  drain: number | undefined,
  isAgain: boolean,
): Promise<void> {
  const { books, findings, pool } = program;
  books.isClosed = true;
  books.isDraining = Boolean(drain);
  let isOver = false;
  const closed = pool.disconnect({ drain, grace: 2 }).then(() => (isOver = true));
  findings.expect(
    books.isDraining || books.waiting === 0,
    () => `${pool.name}: ${books.waiting} wait, though it is disconnected`,
  );
  await settled();
  findings.expect(world.manager.getPool(pool.name) === undefined, () => `${pool.name} still has its name`);
  if (drain) await drainLeases(world, program, () => isOver);
  if (isAgain) void pool.disconnect({ grace: 0 });
  expectClosed(program);
  await world.until(() => isOver, patience);
  findings.expect(isOver, () => `${pool.name} does not close: ${JSON.stringify(pool.stats().states)}`);
  if (isOver) await closed;
  checkClosed(program);
}

/** Leases last on; the one that is given back ends its connection, or serves who waits. */
async function drainLeases(world: PoolWorld, program: PoolProgram, isOver: () => boolean): Promise<void> {
  await world.turn();
  const loan = program.free().find(({ connection }) => connection.state === 'ready');
  world.check();
  if (!loan || isOver()) return;
  const isAwaited = program.books.waiting > 0;
  program.giveBack(loan, 'release');
  const { state } = loan.connection;
  // A socket that is destroyed already closes by itself, and its connection with it.
  const mayGoOn = isAwaited || !program.isIdle(loan.connection) || loan.connection.socket.destroyed;
  program.findings.expect(mayGoOn || state !== 'ready', () => `a connection that was drained is ${state}`);
}

function expectClosed(program: PoolProgram): void {
  const { findings, pool } = program;
  for (const ask of [() => pool.tryAcquire(), () => pool.pick()]) {
    try {
      ask();
      findings.add(`${pool.name} lends, though it is disconnected`);
    } catch (error) {
      findings.expect(error instanceof ClosedError, () => `${pool.name} throws ${String(error)}`);
    }
  }
  program.acquire({ timeout: undefined, canAbort: false });
}

function checkClosed(program: PoolProgram): void {
  const { findings, members, pool } = program;
  findings.expect(pool.size === 0, () => `${pool.name}: ${pool.size} connections are left`);
  findings.expect(members.added === members.removed, () => `${pool.name}: not all were removed`);
  for (const loan of program.free()) program.giveBack(loan, 'release');
  expectClosed(program);
}

/** Ends a run. */
export async function finishPools(world: PoolWorld): Promise<void> {
  world.findings.note('* the end');
  await makeQuiet(world);
  world.check();
  for (const [index, program] of world.present.entries()) {
    program.tryAcquire();
    for (let count = 0; count < 3; count += 1) program.acquire({ timeout: 5_000, canAbort: false });
    await settled();
    await disconnectPool(world, program, index === 0 ? 2 : undefined, index === 0);
  }
  await settled();
  await world.until(() => world.programs.every(({ owed }) => owed.length === 0), patience);
  world.checkMarks(new Set(world.programs.flatMap(({ books }) => [...books.lasting])));
  for (const { owed, books, pool } of world.programs) {
    for (const what of owed) world.findings.add(`${pool.name}: still owed: ${what}`);
    books.check();
    const { leased, waiting } = pool.stats();
    world.findings.expect(
      leased === 0 && waiting === 0,
      () => `${pool.name}: ${leased} lent, ${waiting} wait`,
    );
  }
  world.findings.throwIfAny();
}
