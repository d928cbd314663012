// memory-client.js <holder> <connections> <port>: sends its parent the memory that one idle connection takes, in bytes.
// Needs --expose-gc.
import { holderNamed } from '../keepers/index.js';
import type { Keeper } from '../keepers/keeper.js';
import { memoryInUse, type Footprint } from './census.js';

/** How many connections are dialled at once. */
const batch = 500;
/** Connections made before the first look, so that code and tables that are made once are there. */
const warmUp = 1_000;

const [name, countText, port] = process.argv.slice(2);
const hold = holderNamed(name);
const count = Number(countText);
const kept: Keeper[] = [];

function openBatch(size: number): Promise<void> {
  return new Promise((resolve) => {
    let left = size;
    const up = (): void => {
      left -= 1;
      if (left === 0) resolve();
    };
    kept.push(hold(Number(port), size, { up, down: lost }));
  });
}

function lost(): never {
  throw new Error('a connection was lost: the measurement is worthless');
}

async function main(): Promise<void> {
  for (let opened = 0; opened < warmUp; opened += batch) await openBatch(batch);
  const before = await memoryInUse();
  await openBatch(count);
  const after = await memoryInUse();
  const footprint: Footprint = {
    heap: (after.heap - before.heap) / count,
    rss: (after.rss - before.rss) / count,
  };
  process.send?.(footprint, () => process.exit());
}

void main();
