import { host } from '../lenders/lender.js';
import { requirePeer } from '../lenders/peers.js';
import type { OpenKeeper } from './keeper.js';
import { Reporter } from './reporter.js';

interface Connman2 {
  createPool(name: string, factory: () => Reporter): { addConnection(port: number, host: string): void };
  disconnectAll(): void;
}

/** It tells of a reset after each dial that failed as well. */
class LifeReporter extends Reporter {
  #isUp = false;

  override onConnect(): void {
    this.#isUp = true;
    super.onConnect();
  }

  override onReset(): void {
    if (this.#isUp) super.onReset();
    this.#isUp = false;
  }

  override onReconnect(): void {
    this.#isUp = true;
    super.onReconnect();
  }
}

let pools = 0;

/** One pool of connman 2. */
export const keepConnman2: OpenKeeper = (port, count, witness) => {
  const { createPool, disconnectAll } = requirePeer('connman-2') as Connman2;
  const pool = createPool(`bench ${(pools += 1)}`, () => new LifeReporter(witness));
  for (let index = 0; index < count; index += 1) pool.addConnection(port, host);
  return { close: () => disconnectAll() };
};
