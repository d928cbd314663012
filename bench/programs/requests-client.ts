// requests-client.js rate|memory <asker> <port>: sends its parent how many requests there were per second of CPU, or how much
// heap a pending one takes, in bytes. Needs --expose-gc for the second.
import { askerNamed, type Asker } from './askers.js';
import { Tally } from './borrowers.js';
import { memoryInUse } from './census.js';

/** CPU before the measurement and in it, in milliseconds. */
const warmUp = 2_000;
const measured = 2_000;
/** How many requests are under way at a time. Their writes are corked, as a pipeline's are. */
const depth = 1_000;
const pendingCount = 100_000;

const [what, name, port] = process.argv.slice(2);

/** The keys of those that wait for an answer, oldest first. */
let asked: number[] = [];
let keys = 0;

async function askOn(asker: Asker, tally: Tally): Promise<void> {
  do {
    const key = (keys += 1);
    asked.push(key);
    if ((await asker.ask(key)) !== key) throw new Error('a wrong answer: the measurement is worthless');
  } while (tally.count());
}

/** Answers all that wait, turn after turn, until no request comes any more. */
function answerOn({ socket }: Asker, asker: Asker): void {
  const turn = (): void => {
    socket.uncork();
    if (socket.writableNeedDrain) {
      socket.once('drain', turn);
      return;
    }
    const answered = asked;
    asked = [];
    socket.cork();
    for (const key of answered) asker.answer(key);
    if (answered.length > 0) setImmediate(turn);
    else socket.uncork();
  };
  socket.cork();
  setImmediate(turn);
}

async function rateOf(asker: Asker, cpu: number): Promise<number> {
  const tally = new Tally(cpu);
  const all = Promise.all(Array.from({ length: depth }, () => askOn(asker, tally)));
  answerOn(asker, asker);
  await all;
  return tally.rate();
}

/** What the requests themselves take: what was written has been sent, and the promises are kept. */
async function memoryOf(asker: Asker): Promise<number> {
  const promises: Promise<number>[] = Array.from({ length: pendingCount });
  const ask = async (): Promise<void> => {
    for (let n = 0; n < pendingCount; n += 1) promises[n] = asker.ask((keys += 1));
    while (asker.socket.writableLength > 0) await new Promise(setImmediate);
  };
  const before = await memoryInUse();
  await ask();
  const after = await memoryInUse();
  return (after.heap - before.heap) / promises.length;
}

async function main(): Promise<void> {
  const asker = await askerNamed(name, Number(port));
  if (what === 'rate') await rateOf(asker, warmUp);
  const result = await (what === 'rate' ? rateOf(asker, measured) : memoryOf(asker));
  process.send?.(result, () => process.exit());
}

void main();
