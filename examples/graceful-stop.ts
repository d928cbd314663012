/**
 * A program that is stopped under load, and loses nothing: `node --import tsx examples/graceful-stop.ts <port> [requests a second]`.
 * The server answers each line with a line, in order. SIGTERM, or Ctrl-C, stops the program.
 */
import { createPool, Requests, type Connection, type Handler } from 'connman';

class Client implements Handler {
  readonly requests = new Requests<string>({ timeout: 5_000 });
  #rest = '';

  onConnect(_: unknown, connection: Connection): void {
    this.#rest = '';
    this.requests.attach(connection);
  }

  onData(chunk: Buffer): void {
    const lines = (this.#rest + chunk.toString()).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.requests.resolve(line);
  }
}

async function main(port: number, perSecond: number): Promise<void> {
  const pool = createPool('upstream', () => new Client());
  for (let index = 0; index < 2; index += 1) pool.addConnection(port, '127.0.0.1');
  await pool.ready();
  const counts = { sent: 0, answered: 0, lost: 0 };
  const ask = async (): Promise<void> => {
    counts.sent += 1;
    try {
      await pool.pick().handler.requests.send(`request ${counts.sent}\n`);
      counts.answered += 1;
    } catch {
      counts.lost += 1;
    }
  };
  const load = setInterval(() => void ask(), 1_000 / perSecond);

  const stop = async (): Promise<void> => {
    // First no new work, then what is under way, then the connections.
    clearInterval(load);
    const pending = counts.sent - counts.answered - counts.lost;
    await pool.disconnect({ drain: 10_000 });
    // Nothing is left that keeps the process alive.
    console.log(`stopped with ${pending} pending: ${JSON.stringify(counts)}`);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  console.log(`running, process ${process.pid}`);
}

const [port, perSecond = '200'] = process.argv.slice(2);
void main(Number(port), Number(perSecond));
