import * as fc from 'fast-check';
import { NoConnectionError } from '../../../src/index.js';
import type { Loan } from './loan.js';
import type { Asking } from './borrower.js';
import type { PoolProgram } from './pool-program.js';
import { anyNumber, chosen, programStep, type StepMaker } from './pool-step.js';
import type { PoolWorld } from './pool-world.js';
import { whyNotLent } from './usable.js';

const asking: fc.Arbitrary<Asking> = fc.record({
  timeout: fc.constantFrom(undefined, undefined, 0, 1, 3, 8, 40, 5_000),
  canAbort: fc.boolean(),
  lasting: fc.constantFrom(false, false, false, true),
});

const named = ({ timeout, canAbort, lasting }: Asking): string =>
  `${timeout ?? ''}${canAbort ? ' signal' : ''}${lasting ? ' lasting' : ''}`;

const acquiring = programStep(
  asking,
  (how) => `acquire(${named(how)})`,
  (program, how) => program.acquire(how),
);

const crowding = programStep(
  asking,
  (how) => `acquire(${named(how)}) ×5`,
  (program, how) => {
    for (let count = 0; count < 5; count += 1) program.acquire(how);
  },
);

const trying = programStep(
  fc.boolean(),
  (lasting) => `tryAcquire(${lasting ? 'lasting' : ''})`,
  (program, lasting) => void program.tryAcquire(lasting),
);

const works = [
  'return',
  'reject',
  'throw',
  'release',
  'discard',
  'later',
  'later throw',
  'later write',
] as const;

const using = programStep(
  fc.record({ how: asking, work: fc.constantFrom(...works) }),
  ({ how, work }) => `use(${named(how)} ${work})`,
  (program, { how, work }, world) => {
    program.use(how, (loan) => {
      if (work === 'release' || work === 'discard') return program.giveBack(loan, work);
      if (!work.startsWith('later')) return end(program, loan, work);
      return until(world, 3).then(() => end(program, loan, work));
    });
  },
);

async function until(world: PoolWorld, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await world.turn();
}

/** The lease ends with the function. */
function end(program: PoolProgram, loan: Loan, work: string): void | Promise<void> {
  if (work.endsWith('write') && !loan.isOver) loan.write();
  const isDoubtful = loan.wasRefused && !loan.isLasting && !loan.hasEnded;
  const isGood = work === 'return' || work === 'later' || work === 'later write';
  program.expectEnd(loan, isGood && !isDoubtful ? 'release' : 'discard');
  const error = new Error(`${work} in use()`);
  if (work === 'reject') return Promise.reject(error);
  if (work.endsWith('throw')) throw error;
}

const releasing = programStep(
  anyNumber,
  (number) => `release ${number}`,
  (program, number) => {
    const loan = chosen(program.free(), number);
    if (loan) program.giveBack(loan, number % 5 === 0 ? 'dispose' : 'release');
  },
);

const discarding = programStep(
  anyNumber,
  (number) => `discard ${number}`,
  (program, number) => {
    const loan = chosen(program.free(), number);
    if (loan) program.giveBack(loan, 'discard', number % 2 === 0 ? new Error('discarded') : undefined);
  },
);

const aborting = programStep(
  anyNumber,
  (number) => `abort ${number}`,
  (program, number) => {
    const waiting = program.books.queue.filter(({ controller }) => controller);
    const error = new Error(`aborted ${number}`);
    chosen(waiting, number)?.controller?.abort(error);
  },
);

const abortingLate = programStep(
  anyNumber,
  (number) => `abort ${number}, too late`,
  ({ books }, number) => chosen(books.past, number)?.controller?.abort(new Error('too late')),
);

const abortedBefore = programStep(
  fc.constant(undefined),
  () => 'acquire(aborted)',
  (program) => program.acquireAborted(),
);

const picking = programStep(
  fc.boolean(),
  (mustHold) => `pick()${mustHold ? ' and pause' : ''}`,
  (program, mustHold) => {
    const { books, findings, pool } = program;
    const free = program.candidates();
    try {
      const connection = pool.pick();
      program.picked.add(connection);
      const why = whyNotLent(pool as never, connection);
      const isRight = why === undefined || why.includes('to be read');
      findings.expect(
        isRight && !books.lent.has(connection.id),
        () => `pick() gave one, but ${why ?? 'lent'}`,
      );
      if (mustHold) program.hold(connection);
    } catch (error) {
      if (!(error instanceof NoConnectionError)) throw error;
      findings.expect(program.leftOf(free) === 0, () => `pick() found none, but there are ${free.length}`);
    }
  },
);

const listeningToSignal = programStep(
  fc.record({ number: anyNumber, mustRelease: fc.boolean() }),
  ({ number, mustRelease }) => `signal ${number}${mustRelease ? ', released at the abort' : ''}`,
  (program, { number, mustRelease }) => {
    const loan = chosen(program.free(), number);
    if (!loan) return;
    const { signal } = loan;
    if (!mustRelease || signal.aborted) return;
    signal.addEventListener(
      'abort',
      () => !loan.isOver && !loan.isInUse && program.giveBack(loan, 'release'),
    );
  },
);

const writing = programStep(
  anyNumber,
  (number) => `write ${number}`,
  (program, number) => {
    const loan = chosen(program.free(), number);
    if (!loan) return;
    loan.write();
    program.tally.count(loan.isForfeited ? 'writes of zombies' : loan.hasEnded ? 'late writes' : 'writes');
  },
);

const writingLate = programStep(
  fc.boolean(),
  (asZombie) => `write late${asZombie ? ', as a zombie' : ''}`,
  (program, asZombie) => {
    const late = program.free().filter(({ hasEnded }) => hasEnded);
    for (const loan of late) {
      if (loan.isForfeited !== asZombie) continue;
      loan.write();
      program.tally.count(asZombie ? 'writes of zombies' : 'late writes');
    }
  },
);

const leavingInput = programStep(
  anyNumber,
  (number) => `write and do not read ${number}`,
  async (program, number, world) => {
    const loan = chosen(program.free(), number);
    if (!loan || loan.connection.state !== 'ready') return;
    const { connection, lease } = loan;
    program.hold(connection);
    lease.socket.write('unread');
    await world.until(() => connection.socket.readableLength > 0 || connection.socket.destroyed, 3);
  },
);

const readingOn = programStep(
  anyNumber,
  (number) => `read on ${number}`,
  (program, number) => {
    const connection = chosen(program.held, number);
    if (connection) program.readOn(connection);
  },
);

/** What a program does with leases: cheap, so that most steps are of these. */
export const leaseStep: StepMaker = fc.oneof(
  { weight: 26, arbitrary: acquiring },
  { weight: 22, arbitrary: releasing },
  { weight: 9, arbitrary: aborting },
  { weight: 8, arbitrary: trying },
  { weight: 5, arbitrary: using },
  { weight: 3, arbitrary: discarding },
  { weight: 2, arbitrary: listeningToSignal },
  { weight: 2, arbitrary: picking },
  { weight: 1, arbitrary: crowding },
  { weight: 1, arbitrary: abortedBefore },
  { weight: 1, arbitrary: abortingLate },
  { weight: 8, arbitrary: writing },
  { weight: 4, arbitrary: writingLate },
  { weight: 1, arbitrary: leavingInput },
  { weight: 1, arbitrary: readingOn },
);
