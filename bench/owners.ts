// What a connection notices of others at the same endpoint whose logins are refused.
//   npm run bench:owners -- [--rounds 5]
// oxlint-disable no-await-in-loop
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { ConnectionManager, type Connection, type Handler, type ManagedSocket } from '../src/index.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
/** How long all of them have been at it before something happens, in milliseconds. */
const settled = 1_500;
/** How long the server is away in a restart, in milliseconds. */
const away = 200;

/** A server that answers each line: whether it is the right password. */
class LoginServer {
  logins = 0;
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
      socket.on('data', (chunk) => {
        this.logins += 1;
        socket.write(String(chunk) === 'right' ? 'yes' : 'no');
      });
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(port = 0): Promise<this> {
    await once(this.#server.listen(port, '127.0.0.1'), 'listening');
    return this;
  }

  drop(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    this.drop();
    await closed;
  }
}

class Login implements Handler {
  readonly #password: string;
  #settle: (answer: string) => void = () => {};

  constructor(password: string) {
    this.#password = password;
  }

  onConnect(socket: ManagedSocket): Promise<void> {
    socket.write(this.#password);
    return new Promise((resolve, reject) => {
      this.#settle = (answer) => (answer === 'yes' ? resolve() : reject(new Error('wrong password')));
    });
  }

  onReset(): void {}

  onReconnect(socket: ManagedSocket): Promise<void> {
    return this.onConnect(socket);
  }

  onData(chunk: Buffer): void {
    this.#settle(String(chunk));
  }
}

function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** How long until it is ready, in milliseconds. */
async function readyIn(connection: Connection): Promise<number> {
  const start = performance.now();
  await connection.ready();
  return performance.now() - start;
}

interface Times {
  readonly first: number;
  readonly back: number;
  /** How many logins of the others the server has seen, in the time before. */
  readonly logins: number;
}

/** One good connection beside `bad` bad ones: all of them connections of their own. */
async function alone(bad: number): Promise<Times> {
  const server = await new LoginServer().listen();
  const manager = new ConnectionManager();
  const open = (password: string): Connection =>
    manager.connect(server.port, '127.0.0.1', new Login(password));
  for (let count = 0; count < bad; count += 1) open('wrong');
  await pass(settled);
  const { logins } = server;
  const good = open('right');
  const first = await readyIn(good);
  await pass(settled);
  server.drop();
  while (good.state === 'ready') await pass(0);
  const back = await readyIn(good);
  await Promise.all([manager.disconnectAll({ grace: 0 }), server.close()]);
  return { first, back, logins };
}

/** A pool of one beside a pool of `bad` bad ones: the server is restarted, and the time counts from its return. */
async function pools(bad: number): Promise<Times> {
  const server = await new LoginServer().listen();
  const { port } = server;
  const manager = new ConnectionManager();
  const add = (name: string, password: string, count: number): Connection[] => {
    const pool = manager.createPool(name, () => new Login(password));
    return Array.from({ length: count }, () => pool.addConnection(port, '127.0.0.1'));
  };
  add('bad', 'wrong', bad);
  await pass(settled);
  const { logins } = server;
  const [good] = add('good', 'right', 1) as [Connection];
  const first = await readyIn(good);
  await pass(settled);
  await server.close();
  await pass(away);
  await server.listen(port);
  const back = await readyIn(good);
  await Promise.all([manager.disconnectAll({ grace: 0 }), server.close()]);
  return { first, back, logins };
}

function middle(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  return `${Math.round(median)} (${Math.round(sorted[0] ?? NaN)}–${Math.round(sorted.at(-1) ?? NaN)})`;
}

async function row(what: string, bad: number, run: (bad: number) => Promise<Times>): Promise<string> {
  const all: Times[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await run(bad));
  const of = (name: keyof Times): string => middle(all.map((times) => times[name]));
  return `| ${what} | ${bad} | ${of('logins')} | ${of('first')} | ${of('back')} |`;
}

async function main(): Promise<void> {
  console.log(`Medians of ${rounds} rounds, with the least and the most; milliseconds.\n`);
  console.log('| | bad ones | their logins in 1.5 s | first ready | back |');
  console.log('|---|---:|---:|---:|---:|');
  for (const bad of [0, 1, 3, 100]) console.log(await row('connections', bad, alone));
  for (const bad of [0, 1, 10, 100]) console.log(await row('pools', bad, pools));
}

void main();
