// keeper.js <keeper> <connections>: keeps <connections> connections open, as its parent says.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { notedDials } from './dials.js';
// After that, as connman comes with it.
import { keeperNamed } from '../keepers/index.js';
import type { Keeper } from '../keepers/keeper.js';
import { answerWith } from './answers.js';
import { memoryInUse } from './census.js';
import { Count } from './count.js';

const [name, countText] = process.argv.slice(2);
const open = keeperNamed(name);
const count = Number(countText);

const alive = new Count();
const stalls = monitorEventLoopDelay({ resolution: 1 });
let keeper: Keeper | undefined;

function begin(port: number): void {
  keeper = open(port, count, { up: () => alive.add(1), down: () => alive.add(-1) });
}

/** How long something takes, in milliseconds; nothing if it takes too long. */
async function time(act: () => unknown, done: Promise<void>, patience: number): Promise<number | undefined> {
  const before = performance.now();
  act();
  const late = new Promise<'late'>((resolve) => setTimeout(resolve, patience, 'late').unref());
  return (await Promise.race([done, late])) === 'late' ? undefined : performance.now() - before;
}

const answers = {
  begin,
  /** Milliseconds until all are open. */
  open: (port: number, patience: number) => time(() => begin(port), alive.reached(count), patience),
  /** Milliseconds until all are closed. */
  close: (patience: number) => time(() => keeper?.close(), alive.reached(0), patience),
  /** Milliseconds until "disconnect everything" has resolved, with nothing to collect from before; needs --expose-gc. */
  async closeAll(): Promise<number> {
    await memoryInUse();
    const before = performance.now();
    await keeper?.close();
    return performance.now() - before;
  },
  /** The CPU used so far (user and system), in milliseconds. */
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  /** Answers when so many are open. */
  alive: (wanted: number) => alive.reached(wanted),
  /** The longest stall of the event loop since this was last asked, in milliseconds, with nothing to collect from before. */
  async longestStall(): Promise<number> {
    const longest = stalls.max / 1_000_000;
    await memoryInUse();
    stalls.enable();
    stalls.reset();
    return longest;
  },
  /** When it dialled. */
  dials: notedDials,
  /** Disconnects everything; nothing of the measurement keeps the process alive from then on. */
  leave(): void {
    process.off('disconnect', abandon);
    process.disconnect();
    keeper?.close();
  },
};

/** What it can be asked. */
export type KeeperAnswers = typeof answers;

/** Without its parent it would go on for ever. */
function abandon(): void {
  process.exit();
}

process.on('disconnect', abandon);
answerWith(answers);
