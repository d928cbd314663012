// outage-server.js <hold | close>: listens when it is told to, and notes what it accepts. It holds connections open, or
// closes each at once.
import { createServer, type Socket } from 'node:net';
import { answerWith } from './answers.js';
import { sharedNow } from './clock.js';

/** So many were open from then on. */
export interface Step {
  readonly at: number;
  readonly open: number;
}

const backlog = 4_096;
const closesAtOnce = process.argv[2] === 'close';
const steps: Step[] = [];
let accepted = 0;
let open = 0;
let fullAt = Infinity;
let full = (): void => {};

function change(by: number): void {
  open += by;
  steps.push({ at: sharedNow(), open });
  if (open === fullAt) full();
}

const server = createServer((socket: Socket) => {
  accepted += 1;
  socket.on('error', () => socket.destroy());
  if (closesAtOnce) {
    socket.destroy();
    return;
  }
  change(1);
  socket.resume().on('close', () => change(-1));
});

/**
 * Ports from which no system takes the other end of a connection: where nobody listens, a dial to one of the others can
 * reach itself.
 */
const lowestPort = 20_000;
const ports = 10_000;

function listenOn(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog }, () => resolve(port));
  });
}

async function listenAnywhere(attempts: number = 20): Promise<number> {
  const port = lowestPort + Math.floor(Math.random() * ports);
  return listenOn(port).catch((error: unknown) => {
    if (attempts === 1) throw error;
    return listenAnywhere(attempts - 1);
  });
}

const answers = {
  /** Listens on a port, or on any with 0: which it is, and since when. */
  async listen(port: number): Promise<{ port: number; at: number }> {
    const listening = await (port === 0 ? listenAnywhere() : listenOn(port));
    return { port: listening, at: sharedNow() };
  },
  /** Answers once `count` are open: whether that was within `patience`. */
  full(count: number, patience: number): Promise<boolean> {
    if (open === count) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), patience);
      fullAt = count;
      full = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  },
  steps: () => steps,
  accepted: () => accepted,
};

/** What it can be asked. */
export type OutageServerAnswers = typeof answers;

process.on('disconnect', () => process.exit());
answerWith(answers);
