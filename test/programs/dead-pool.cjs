// A program that asks far too often for a connection of a pool whose server is gone. It tells what became of the requests,
// and how much memory was held at most, garbage apart (--expose-gc).

const { ConnectionManager } = require('connman');
const { startFaultServer } = require('connman/testing');
const { args, tell } = require('./tell.cjs');

const { acquires, perTurn, maxWaiters, acquireTimeout } = args;
const turnsPerLook = 10;
const outcomes = {};
let asked = 0;
let settled = 0;
let mostWaiting = 0;
let pool;

function count(outcome) {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  settled += 1;
}

function failed({ code, cause }) {
  count(cause === undefined ? code : `${code} because of ${cause.code}`);
}

function heldMemory() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function ask() {
  for (let n = 0; n < perTurn && asked < acquires; n += 1) {
    asked += 1;
    pool.acquire().then(() => count('lease'), failed);
  }
  mostWaiting = Math.max(mostWaiting, pool.stats().waiting);
}

async function nextTurn() {
  await new Promise((resolve) => setImmediate(resolve));
}

async function askAll(before) {
  let growth = 0;
  for (let turn = 0; asked < acquires; turn += 1) {
    ask();
    if (turn % turnsPerLook === 0) growth = Math.max(growth, heldMemory() - before);
    await nextTurn();
  }
  return growth;
}

async function main() {
  const server = await startFaultServer();
  await server.refuse();
  const manager = new ConnectionManager();
  let hasFailed;
  const failure = new Promise((resolve) => (hasFailed = resolve));
  const handler = () => ({ onConnect() {}, onReset() {}, onReconnect() {}, onRetry: hasFailed });
  pool = manager.createPool('dead', handler, { maxWaiters, acquireTimeout });
  for (let n = 0; n < 4; n += 1) pool.addConnection(server.endpoint);
  await failure;
  const before = heldMemory();
  const growth = await askAll(before);
  while (pool.stats().waiting > 0) await nextTurn();
  const { timeouts, refusals, failedAcquires, waits } = pool.stats();
  for (let n = 0; n < 3; n += 1) pool.acquire().then(() => count('lease'), failed);
  await pool.disconnect({ grace: 0 });
  await nextTurn();
  const after = heldMemory() - before;
  await server.close();
  tell('end', {
    asked,
    settled,
    outcomes,
    growth,
    after,
    mostWaiting,
    counters: { timeouts, refusals, failedAcquires, waits },
  });
}

void main();
