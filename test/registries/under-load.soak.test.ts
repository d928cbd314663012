import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, onTestFinished } from 'vitest';
import {
  Requests,
  type Connection,
  type ConnectionManager,
  type Endpoint,
  type Handler,
  type Pool,
} from '../../src/index.js';
import { etcd, redisSentinel } from '../../src/registries/index.js';
import { encodeCommand, RespReader, type RespValue } from '../../src/registries/resp.js';
import { Asker } from '../pool/members/steady-load.js';
import { it as plainIt, until } from '../support/fixtures.js';
import { HastyServer } from '../support/hasty-server.js';
import {
  needsInstalled,
  startInstalled,
  type Installable,
  type InstalledServer,
} from '../support/installed-server.js';
import { repeat } from '../support/repeat.js';
import * as servers from '../support/servers.js';
import { open, startEtcd } from './etcd-server.js';
import { byLease, byPick, Traffic } from './traffic.js';

const it = plainIt.extend<{ startServers: (count: number) => Promise<HastyServer[]> }>({
  // oxlint-disable-next-line no-empty-pattern
  startServers: async ({}, use) => {
    const all: HastyServer[] = [];
    await use(async (count) => {
      const started = await Promise.all(Array.from({ length: count }, () => new HastyServer().start()));
      all.push(...started);
      return started;
    });
    await Promise.all(all.map((server) => server.close()));
  },
});

const portOf = ({ endpoint }: HastyServer): number => endpoint.port;
const addressOf = (server: HastyServer): string => `127.0.0.1:${portOf(server)}`;

let line = 0;
async function ask({ requests }: Asker): Promise<void> {
  const text = `request ${(line += 1)}`;
  expect(await requests.send(`${text}\n`)).toBe(text);
}

/** The moment when a pool has a snapshot with so many endpoints. */
function snapshotOf({ name }: { readonly name: string }, count: number): Promise<number> {
  return new Promise((resolve) => {
    const listen = (message: unknown): void => {
      const { endpoints, pool } = message as { endpoints: number; pool: string };
      if (endpoints === count && pool === name) resolve(performance.now());
    };
    subscribe('connman:pool:discover', listen);
    onTestFinished(() => void unsubscribe('connman:pool:discover', listen));
  });
}

function expectEven(shares: readonly number[]): void {
  for (const share of shares) expect(Math.abs(share - 1)).toBeLessThan(0.05);
}

describe('under load, a pool that follows a real etcd', () => {
  it('gives new servers their share at once, and loses nothing when each is replaced', async ({
    manager,
    skip,
    startServers,
  }) => {
    await using registry = await startEtcd({ skip });
    const { url, keys } = open(registry);
    const old = await startServers(6);
    const put = (server: HastyServer): Promise<unknown> =>
      keys.put(`/cache/${portOf(server)}`, addressOf(server));
    await Promise.all(old.slice(0, 2).map(put));
    const discovery = etcd({ prefix: '/cache/', servers: [url] });
    const make = (name: string): Pool<Asker> =>
      manager.createPool(name, () => new Asker(), { discovery, perEndpoint: 2 });
    const pools = [make('shared'), make('lent')] as const;
    await Promise.all(pools.map((pool) => pool.ready()));
    const loads = [new Traffic(pools[0], ask, 12, byPick), new Traffic(pools[1], ask, 18, byLease)];
    await until(() => loads.every(({ answers }) => answers.length > 500));
    const told = pools.map((pool) => snapshotOf(pool, 6));
    await Promise.all(old.slice(2).map(put));
    const moments = await Promise.all(told);
    const shares = loads.map((load, index) => load.sharesAfter(moments[index] ?? 0, old.map(portOf)));
    for (const each of await Promise.all(shares)) expectEven(each);

    const fresh = await startServers(6);
    await repeat(old.length, async (index) => {
      const [leaving, coming] = [old[index] as HastyServer, fresh[index] as HastyServer];
      await put(coming);
      await keys.remove(`/cache/${portOf(leaving)}`);
      await until(() => leaving.size === 0 && coming.size === 4);
      await leaving.close();
    });
    await Promise.all(loads.map((load) => load.stop()));
    for (const { lost, refused } of loads) expect([lost, refused]).toEqual([[], []]);
  });
});

/** A client of Redis, for tests. */
class RedisClient implements Handler {
  readonly requests: Requests<RespValue> = new Requests();
  onMessage: (text: string) => void = () => {};
  #reader = new RespReader();

  onConnect(_: unknown, connection: Connection): void {
    this.#reader = new RespReader();
    this.requests.attach(connection);
  }

  onData(chunk: Buffer): void {
    for (const value of this.#reader.read(chunk)) {
      if (Array.isArray(value) && value[0] === 'message') this.onMessage(String(value[2]));
      else if (value instanceof Error) this.requests.reject(value);
      else this.requests.resolve(value);
    }
  }

  ask(...words: readonly string[]): Promise<RespValue> {
    return this.requests.send(encodeCommand(...words));
  }
}

const password = 'correct-horse';

/** Something that is told to a Sentinel after the password. */
async function tell({ port, host }: Endpoint, manager: ConnectionManager, ...words: readonly string[]) {
  const connection = manager.connect({ port, host } as Endpoint, new RedisClient());
  await connection.ready();
  await connection.handler.ask('AUTH', password);
  await connection.handler.ask(...words);
  return connection.handler;
}

/** Has the primary replaced, which is refused until the last fail-over is over. */
async function replacePrimary(sentinel: Endpoint, manager: ConnectionManager): Promise<void> {
  const client = await tell(sentinel, manager, 'PING');
  const order = (): Promise<unknown> => client.ask('SENTINEL', 'FAILOVER', 'shop').catch(order);
  await order();
}

/** When one of these Sentinels said first that there is another primary, by its port. */
async function verdictsOf(sentinels: readonly InstalledServer[], manager: ConnectionManager) {
  const verdicts = new Map<number, number>();
  const listen = async (sentinel: InstalledServer): Promise<void> => {
    const client = await tell(sentinel, manager, 'SUBSCRIBE', '+switch-master');
    client.onMessage = (text) => {
      const port = Number(text.split(' ').at(-1));
      if (!verdicts.has(port)) verdicts.set(port, performance.now());
    };
  };
  await Promise.all(sentinels.map(listen));
  return verdicts;
}

describe('under load, pools that follow three real Sentinels', () => {
  it('give new replicas their share at once, and are at a new primary within a second of the verdict', async ({
    manager,
    skip,
  }) => {
    needsInstalled(servers.redis, { skip });
    const all: InstalledServer[] = [];
    const start = async (what: Installable): Promise<InstalledServer> => {
      const started = await startInstalled(what);
      all.push(started);
      return started;
    };
    const primary = await start(servers.redis);
    const startReplica = (): Promise<InstalledServer> => start(servers.redisReplica(primary.port));
    const replicas = [await startReplica()];
    const watcher = servers.redisSentinel(primary.port, password);
    const sentinels = await Promise.all([start(watcher), start(watcher), start(watcher)]);
    // What a primary says of its replicas is asked for every 10 s otherwise.
    await Promise.all(
      sentinels.map((each) => tell(each, manager, 'SENTINEL', 'DEBUG', 'INFO-PERIOD', '100')),
    );
    const verdicts = await verdictsOf(sentinels, manager);

    const follow = (from: readonly InstalledServer[], role: 'any' | 'primary'): Pool<RedisClient> => {
      const discovery = redisSentinel({
        name: 'shop',
        sentinels: from.map(({ host, port }) => ({ host, port })),
        password,
        role,
      });
      return manager.createPool(`${role} ${from[0]?.port}`, () => new RedisClient(), {
        discovery,
        perEndpoint: 2,
      });
    };
    const readers = follow(sentinels, 'any');
    // By each Sentinel: one of them leads the fail-over.
    const writers = sentinels.map((each) => follow([each], 'primary'));
    await until(() => readers.readyCount === 4);
    await Promise.all(writers.map((pool) => pool.ready()));
    const reads = new Traffic(readers, (client) => client.ask('PING'), 12);
    await until(() => reads.answers.length > 500);
    const told = snapshotOf(readers, 6);
    replicas.push(...(await Promise.all([1, 2, 3, 4].map(startReplica))));
    const ports = [primary, ...replicas].map(({ port }) => port);
    expectEven(await reads.sharesAfter(await told, ports));
    await reads.stop();
    expect([reads.lost, reads.refused]).toEqual([[], []]);

    const users = 4;
    const loads = writers.map((pool) => new Traffic(pool, (client) => client.ask('INCR', 'n'), users));
    await until(() => loads.every(({ answers }) => answers.length > 100));
    const firstOf = (load: Traffic<RedisClient>, known: readonly number[]): number | undefined =>
      load.answers.find(({ port }) => !known.includes(port ?? 0))?.at;
    const known = [primary.port];
    const toNewPrimary = async (): Promise<void> => {
      await until(() => loads.every((load) => firstOf(load, known) !== undefined));
      await until(() => verdicts.size === known.length);
      const [port, verdict] = [...verdicts].at(-1) as [number, number];
      for (const load of loads) expect((firstOf(load, known) as number) - verdict).toBeLessThan(1_000);
      known.push(port);
    };
    const failures = (): number[][] => loads.map(({ lost, refused }) => [lost.length, refused.length]);
    await primary.kill();
    await toNewPrimary();
    // What was under way when it was killed.
    for (const { lost } of loads) expect(lost.length).toBeLessThanOrEqual(users);
    const before = failures();
    await replacePrimary(sentinels[0] as Endpoint, manager);
    await toNewPrimary();
    await Promise.all(loads.map((load) => load.stop()));
    expect(failures()).toEqual(before);
    await Promise.all([manager.disconnectAll(), ...all.map((each) => each[Symbol.asyncDispose]())]);
  });
});
