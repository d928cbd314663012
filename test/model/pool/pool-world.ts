import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ConnectionManager, type ChannelPayloads } from '../../../src/index.js';
import { echo, startFaultServer, type Fault, type FaultServer } from '../../../src/testing/index.js';
import type { Findings } from '../findings.js';
import type { Tally } from '../tally.js';
import { PoolProgram } from './pool-program.js';
import type { PoolSetup } from './pool-setup.js';
import { StallWatch } from './stall-watch.js';

type PoolChannel = Extract<keyof ChannelPayloads, `connman:pool:${string}`>;

const serverCount = 3;

/** A pool is not known yet when it is made. A lease of an earlier run or test may be taken for lost in this one. */
const fromBefore: ReadonlySet<PoolChannel> = new Set([
  'connman:pool:create',
  'connman:pool:forfeit',
  'connman:pool:release',
] as const);

/** Some servers, and programs that have pools of connections to all of them. */
export class PoolWorld {
  readonly findings: Findings;
  readonly tally: Tally;
  readonly servers: readonly FaultServer[];
  readonly manager = new ConnectionManager();
  readonly stalls = new StallWatch();
  /** Those that have come to their end, too. */
  readonly programs: PoolProgram[] = [];
  /** Those of the present. */
  readonly present: PoolProgram[] = [];
  readonly #stops: (() => void)[] = [];

  private constructor(servers: readonly FaultServer[], findings: Findings, tally: Tally) {
    this.servers = servers;
    this.findings = findings;
    this.tally = tally;
    this.#listen();
  }

  static async start(setups: readonly PoolSetup[], findings: Findings, tally: Tally): Promise<PoolWorld> {
    const servers = await Promise.all(Array.from({ length: serverCount }, () => startFaultServer()));
    const world = new PoolWorld(servers, findings, tally);
    for (const [index, setup] of setups.entries()) world.found(index, setup);
    return world;
  }

  /** A new program takes the place of one that has disconnected its pool. */
  found(index: number, setup: PoolSetup): void {
    const { manager, findings, tally, stalls } = this;
    const program = new PoolProgram(manager, setup, findings, tally, stalls);
    this.programs.push(program);
    this.present[index] = program;
    for (let count = 0; count < setup.added; count += 1) this.add(program, count);
    void program.source?.say(this.servers.map(({ endpoint }) => endpoint));
  }

  /** Adds a connection by hand. */
  add(program: PoolProgram, server: number): void {
    const { pool, members } = program;
    // That is for discovery.
    program.factoryError = undefined;
    const { endpoint } = this.servers[server % serverCount] as FaultServer;
    members.isManual(pool.addConnection(endpoint));
  }

  /** How connections to a server are treated from now on. */
  treat(server: number, make: () => Fault): void {
    (this.servers[server % serverCount] as FaultServer).script = () => [make()];
  }

  /** The servers are well again, and have no connection that has ended on one side only. */
  async heal(): Promise<void> {
    for (let server = 0; server < serverCount; server += 1) this.treat(server, echo);
    await Promise.all(this.servers.map((server) => server.listen()));
    this.endHalfOpen();
  }

  /** Drops the connections that have ended on one side only. */
  endHalfOpen(): void {
    for (const { connections } of this.servers) {
      for (const each of connections) if (each.open && each.ended) each.reset();
    }
  }

  /** What holds after every step, once the promises have settled. */
  check(): void {
    for (const program of this.present) program.check();
  }

  /** A turn of the event loop. */
  async turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.stalls.turned();
  }

  /** Turns of the event loop until the condition holds, for at most so many milliseconds. */
  async until(condition: () => boolean, limit: number): Promise<boolean> {
    const deadline = performance.now() + limit;
    while (!condition() && performance.now() < deadline) await this.turn();
    return condition();
  }

  /** No lease has written into two lives, but for those that may. */
  checkMarks(lasting: ReadonlySet<string>): void {
    const seen = new Map<string, string>();
    for (const { port, connections } of this.servers) {
      for (const each of connections) {
        const life = `${port} ${each.number}`;
        for (const [, mark = ''] of each
          .receivedBytes()
          .toString()
          .matchAll(/<([^<>]+)>/g)) {
          const before = seen.get(mark) ?? life;
          this.findings.expect(before === life || lasting.has(mark), () => `${mark} wrote into two lives`);
          seen.set(mark, life);
        }
      }
    }
    this.tally.count('marks', seen.size);
  }

  /** Nobody listens any more. */
  leave(): void {
    for (const stop of this.#stops) stop();
  }

  #listen(): void {
    this.#on('connman:pool:add', ({ members }, { id }) => members.isAdded(id));
    this.#on('connman:pool:remove', ({ members }, { id }) => members.isRemoved(id));
    this.#on('connman:pool:state', ({ members }, { from, to }) => members.stateChanged(from, to));
    this.#on('connman:pool:acquire', ({ books, members }, { id }) => books.lends(members.get(id), id));
    this.#on('connman:pool:release', ({ books, members }, { id }) => books.isReleased(id, members.get(id)));
    this.#on('connman:pool:interrupt', ({ books }) => void (books.counts.interrupted += 1));
    this.#on('connman:pool:forfeit', ({ books, members }, { id }) => {
      books.isForfeited(id);
      members.isForfeited(id);
    });
    this.#on('connman:pool:acquire-failed', ({ books }, { error, waited }) => books.refuses(error, waited));
    this.#on('connman:pool:discover', (program) => program.follows(program.source?.last ?? []));
    this.#subscribe('connman:connection:retire', (message) => {
      const { id, pool, code } = message as ChannelPayloads['connman:connection:retire'];
      const members = this.programs.find((each) => each.pool.name === pool)?.members;
      if (code !== 'disconnect') members?.retires(id, code);
    });
    this.#subscribe('connman:connection:reset', (message) => {
      const { id, pool, life, code } = message as ChannelPayloads['connman:connection:reset'];
      const program = this.programs.find((each) => each.pool.name === pool);
      for (const loan of program?.books.loans ?? []) {
        if (loan.connection.id !== id) continue;
        this.findings.expect(
          code !== 'max-age',
          () => `life ${life} of ${id} was lent, and ended for its age`,
        );
        loan.lifeEnded(life);
      }
    });
  }

  #on<Name extends PoolChannel>(
    name: Name,
    hear: (program: PoolProgram, payload: ChannelPayloads[Name]) => void,
  ): void {
    this.#subscribe(name, (message) => {
      const payload = message as ChannelPayloads[Name];
      const program = this.programs.find(({ pool }) => pool.name === payload.pool);
      this.findings.note(`  ${name} ${describe(payload)}`);
      if (program) {
        hear(program, payload);
        if (name !== 'connman:pool:discover') program.hasPublished();
      } else if (!fromBefore.has(name)) this.findings.add(`${name} of no pool: ${payload.pool}`);
    });
  }

  #subscribe(name: string, listener: (message: unknown) => void): void {
    subscribe(name, listener);
    this.#stops.push(() => unsubscribe(name, listener));
  }
}

function describe({ pool, ...rest }: { readonly pool: string }): string {
  const { id, from, to, error } = rest as { id?: number; from?: string; to?: string; error?: Error };
  return [pool, id, from, to, error?.message].filter((each) => each !== undefined).join(' ');
}
