// lease-client.js <lender> <way> <connections> <port> <census port>: sends its parent how many leases there were per second
// of CPU, and makes sure that they were of <connections> connections, dialled once each.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { lenderNamed } from '../lenders/index.js';
import { host, type Lender } from '../lenders/lender.js';
import { Tally, wayNamed } from './borrowers.js';

/** CPU before the measurement and in it, in milliseconds. */
const warmUp = 500;
const measured = 1_000;

const [name, way, countText, port, censusPort] = process.argv.slice(2);
const count = Number(countText);
const borrow = wayNamed(way);

/** Borrows all connections at once, so that all are open. */
async function borrowAll(lender: Lender): Promise<void> {
  const lent = await Promise.all(Array.from({ length: count }, () => lender.acquire()));
  if (new Set(lent).size < count) throw new Error('one was lent twice: the measurement is worthless');
  for (const each of lent) lender.release(each);
}

/** Asks the server for its count; again if need be, for it may not have accepted yet what is open here. */
async function expectCensus(questions: number = 100): Promise<void> {
  const census = await text(connect(Number(censusPort), host));
  const expected = `${count} open, ${count} accepted`;
  if (census === expected) return;
  if (questions === 1) throw new Error(`connections: expected ${expected}, got ${census}`);
  await expectCensus(questions - 1);
}

function lost(): never {
  throw new Error('a connection was lost: the measurement is worthless');
}

async function main(): Promise<void> {
  const lender = lenderNamed(name)(Number(port), count, { up: () => {}, down: lost });
  await borrowAll(lender);
  await expectCensus();
  await borrow(lender, new Tally(warmUp));
  const tally = new Tally(measured);
  await borrow(lender, tally);
  const rate = tally.rate();
  await borrowAll(lender);
  await expectCensus();
  process.send?.(rate, () => process.exit());
}

void main();
