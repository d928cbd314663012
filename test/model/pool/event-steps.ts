import * as fc from 'fast-check';
import { OptionError, type Connection } from '../../../src/index.js';
import {
  echo,
  end,
  greet,
  halfOpen,
  reset,
  type Fault,
  type FaultServer,
} from '../../../src/testing/index.js';
import { discoveryStep } from './discovery-steps.js';
import { disconnectPool, makeQuiet } from './pool-finale.js';
import type { PoolProgram } from './pool-program.js';
import { setup } from './pool-setup.js';
import { anyNumber, chosen, programStep, step, type StepMaker } from './pool-step.js';
import type { PoolWorld } from './pool-world.js';
import { isDiscovered } from './usable.js';

const turns = fc.constantFrom(1, 1, 2, 5).chain((count) =>
  step(`${count} turns`, async (world) => {
    for (let turn = 0; turn < count; turn += 1) await world.turn();
  }),
);

const sleeping = fc
  .constantFrom(1, 1, 1, 4, 4, 4, 12, 12, 60)
  .chain((time) => step(`${time} ms`, (world) => world.until(() => false, time)));

const waitingInVain = programStep(
  fc.constantFrom(20, 30),
  (timeout) => `until acquire(${timeout}) is over`,
  (program, timeout, world) => {
    const request = program.acquire({ timeout, canAbort: false });
    return world.until(() => request.isSettled, 500);
  },
);

const untilReady = programStep(
  fc.constant(undefined),
  () => 'until some are ready',
  ({ pool }, _, world) => world.until(() => pool.readyCount * 2 > pool.size, 20),
);

const quiet = step('until all is quiet', makeQuiet);

/** The servers' sides of the connections that are open. */
const open = ({ servers }: PoolWorld) =>
  servers.flatMap(({ connections }) => connections.filter((each) => each.open));

const dropping = fc
  .record({ number: anyNumber, how: fc.constantFrom('end', 'reset') })
  .chain(({ number, how }) =>
    step(`drop ${number} (${how})`, (world) => chosen(open(world), number)?.[how]()),
  );

const droppingAll = fc
  .record({ server: fc.nat(2), how: fc.constantFrom('end', 'reset') })
  .chain(({ server, how }) =>
    step(`server ${server} drops all (${how})`, (world) => world.servers[server]?.dropAll(how)),
  );

const faults: readonly (() => Fault)[] = [echo, echo, halfOpen, end, reset, () => greet('hello')];

const treating = fc
  .record({ server: fc.nat(2), make: fc.constantFrom(...faults) })
  .chain(({ server, make }) =>
    step(`server ${server} treats with ${make().verb}`, (world) => world.treat(server, make)),
  );

const refusing = fc
  .nat(2)
  .chain((server) => step(`server ${server} refuses`, (world) => world.servers[server]?.refuse()));

const listening = fc
  .nat(2)
  .chain((server) => step(`server ${server} listens`, (world) => world.servers[server]?.listen()));

const speaking = fc.nat(2).chain((server) =>
  step(`server ${server} sends`, async (world) => {
    for (const each of world.servers[server]?.connections ?? []) {
      if (each.open && each.socket.writable) each.write('news');
    }
    await world.turn();
  }),
);

const adding = programStep(
  anyNumber,
  (number) => `addConnection ${number}`,
  (program, number, world) => {
    if (program.pool.size < 8) world.add(program, number);
  },
);

const removing = programStep(
  fc.record({
    number: anyNumber,
    drain: fc.constantFrom(undefined, 0, 2, 10, 60_000),
    grace: fc.constantFrom(0, 3),
  }),
  ({ number, drain }) => `removeConnection ${number} (drain ${drain})`,
  (program, { number, drain, grace }) => {
    const connection = chosen(program.pool, number);
    if (!connection) return;
    // A life that is ending is not waited for. Who acts inside of its event may end the lease, or the connection.
    const { destroyed, readableEnded, writable } = connection.socket;
    const isLasting = connection.state === 'ready' && !destroyed && !readableEnded && writable;
    const mayLast = isLasting && program.atEvent === undefined;
    // One that was picked takes all of the time: not for a minute.
    const most = program.picked.has(connection) ? 10 : Infinity;
    const times = { drain: drain && Math.min(drain, most), grace };
    const closed = program.pool.removeConnection(connection, times);
    const lasts = Boolean(drain) && mayLast && program.books.lent.has(connection.id);
    program.findings.expect(
      connection.state === 'ready' || !lasts,
      () => `${connection.id} is lent, and not drained`,
    );
    program.owes(`removeConnection of ${connection.id}`, closed, () => connection.state === 'closed');
  },
);

const removingForeign = programStep(
  anyNumber,
  (number) => `removeConnection of another pool ${number}`,
  (program, number, world) => {
    const other = world.present.find((each) => each !== program);
    const connection = chosen(other?.pool ?? [], number);
    if (!connection) return;
    try {
      void program.pool.removeConnection(connection);
      program.findings.add(`${program.pool.name} removes a connection of another pool`);
    } catch (error) {
      if (!(error instanceof OptionError)) throw error;
    }
  },
);

const ending = programStep(
  fc.record({
    number: anyNumber,
    how: fc.constantFrom(
      'reset',
      'reset',
      'retire',
      'retire',
      'reconnectNow',
      'disconnect',
      'end',
      'destroy',
    ),
  }),
  ({ number, how }) => `${how} ${number}`,
  (program, { number, how }) => {
    const connection = chosen(program.pool, number);
    if (connection) endLife(program, connection, how);
  },
);

function endLife(program: PoolProgram, connection: Connection, how: string): void {
  if (how === 'reset') connection.reset(new Error('reset by the program'));
  else if (how === 'retire') retire(program, connection);
  else if (how === 'reconnectNow') connection.reconnectNow();
  else if (how === 'end') connection.socket.end();
  else if (how === 'destroy') connection.socket.destroy();
  else {
    const closed = connection.disconnect({ grace: 2 });
    program.owes(`disconnect of ${connection.id}`, closed, () => connection.state === 'closed');
  }
}

/** The promise must resolve once the life is over that it was asked for. */
function retire(program: PoolProgram, connection: Connection): void {
  const { id, life, state } = connection;
  const isOver = (): boolean =>
    connection.life > life || !['handshaking', 'ready'].includes(connection.state);
  program.owes(`retire of ${id} (${state}, life ${life})`, connection.retire(), isOver);
}

const sending = programStep(
  fc.record({ number: anyNumber, servers: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }) }),
  ({ number, servers }) => `setEndpoints ${number} (${servers.join()})`,
  (program, { number, servers }, world) => {
    const connection = chosen(program.pool, number);
    if (!connection) return;
    const endpoints = servers.map((server) => (world.servers[server] as FaultServer).endpoint);
    try {
      connection.setEndpoints(endpoints);
      if (isDiscovered(connection)) program.findings.add('setEndpoints() of what discovery has opened');
      else
        program.members.isSent(
          connection,
          endpoints.map(({ port = 0 }) => port),
        );
    } catch (error) {
      if (!(error instanceof OptionError && isDiscovered(connection))) throw error;
    }
  },
);

const handshaking = programStep(
  fc.constantFrom('later', 'throw'),
  (how) => `the next handshake: ${how}`,
  ({ handshakes }, how) => void handshakes.push(how),
);

const deed = fc.constantFrom('release', 'acquire', 'tryAcquire', 'tryAcquire', 'remove', 'disconnect');

const actingAtReset = programStep(
  deed,
  (what) => `inside the next onReset: ${what}`,
  (program, what) => {
    program.atReset = (connection) => act(program, what, connection);
  },
);

const actingAtEvent = programStep(
  deed,
  (what) => `inside the next event: ${what}`,
  (program, what) => {
    program.atEvent = () => act(program, what, chosen(program.pool, 0));
  },
);

/** Does something from inside a callback. */
function act(program: PoolProgram, what: string, connection: Connection | undefined): void {
  const [loan] = program.free();
  if (what === 'acquire') program.acquire({ timeout: 3, canAbort: false });
  else if (what === 'tryAcquire') program.tryAcquire();
  else if (what === 'release' && loan) program.giveBack(loan, 'release');
  else if (what === 'remove' && connection) void program.pool.removeConnection(connection, { drain: 5 });
  else if (what === 'disconnect') void connection?.disconnect();
}

const replacing = fc
  .record({ index: fc.nat(1), next: setup, drain: fc.constantFrom(undefined, 0, 3), again: fc.boolean() })
  .chain(({ index, next, drain, again }) =>
    step(`${index}: disconnect (drain ${drain}); a new pool`, async (world) => {
      await disconnectPool(world, world.present[index] as PoolProgram, drain, again);
      world.found(index, next);
    }),
  );

/** What happens to the connections: dear, so that few steps are of these. */
export const eventStep: StepMaker = fc.oneof(
  { weight: 21, arbitrary: discoveryStep },
  { weight: 40, arbitrary: turns },
  { weight: 10, arbitrary: untilReady },
  { weight: 10, arbitrary: dropping },
  { weight: 8, arbitrary: ending },
  { weight: 6, arbitrary: sleeping },
  { weight: 5, arbitrary: removing },
  { weight: 5, arbitrary: adding },
  { weight: 4, arbitrary: speaking },
  { weight: 10, arbitrary: sending },
  { weight: 4, arbitrary: listening },
  { weight: 4, arbitrary: actingAtReset },
  { weight: 6, arbitrary: actingAtEvent },
  { weight: 3, arbitrary: treating },
  { weight: 3, arbitrary: handshaking },
  { weight: 2, arbitrary: refusing },
  { weight: 2, arbitrary: droppingAll },
  { weight: 1, arbitrary: quiet },
  { weight: 2, arbitrary: replacing },
  { weight: 1, arbitrary: removingForeign },
  { weight: 1, arbitrary: waitingInVain },
);
