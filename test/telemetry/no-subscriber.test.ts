import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test, vi } from 'vitest';
import { DialError, type Reset } from '../../src/index.js';
import * as telemetry from '../../src/telemetry/index.js';
import { channelNames } from '../support/channels.js';

const endpoint = { host: 'a.test', port: 80 };
const error = new DialError('no answer', { endpoint });
const reset: Reset = {
  code: 'error',
  life: 1,
  endpoint,
  uptime: 5,
  unsentBytes: 0,
  willReconnect: true,
};
const health = { state: 'down', cause: error } as const;

const report: telemetry.GateReport = {
  state: 'up',
  window: 1,
  dialling: 0,
  waiting: 0,
  nextDialAt: undefined,
};

/** A source of events, and how often anything was read from it. */
function spiedSource(): {
  source: telemetry.ConnectionSource & telemetry.GateSource & { name: string; size: number };
  reads: () => number;
} {
  let reads = 0;
  const facts = { id: 1, pool: 'p', endpoint, life: 1, name: 'p', size: 1, isTls: false };
  const source = new Proxy(facts, { get: (target, name) => (reads++, Reflect.get(target, name)) });
  return { source, reads: () => reads };
}

const lease = { connection: { id: 1, pool: 'p', endpoint, life: 1 } };

/** Publishes every event once. */
function publishAll(source: ReturnType<typeof spiedSource>['source']): void {
  telemetry.publishCreate(source);
  telemetry.publishDial(source);
  telemetry.publishDialFailed(source, error, 1, 5);
  telemetry.publishConnected(source);
  telemetry.publishReady(source);
  telemetry.publishPing(source);
  telemetry.publishRetire(source, 'max-age', undefined);
  telemetry.publishReset(source, reset);
  telemetry.publishWriteRefused(source);
  telemetry.publishRequestsLost(source, reset, 2);
  telemetry.publishHandlerError(source, error, 'onData');
  telemetry.publishDisconnect(source, 'disconnect', undefined);
  telemetry.publishClose(source, 'disconnect', undefined);
  telemetry.publishGateState(source, report, 'probing');
  telemetry.publishPoolCreate(source);
  telemetry.publishPoolAdd(source, source);
  telemetry.publishPoolRemove(source, source);
  telemetry.publishPoolState(source, health, 'up');
  telemetry.publishEndpointState(source, health, 'up', endpoint);
  telemetry.publishPoolAcquire(source, lease, 5);
  telemetry.publishPoolAcquireFailed(source, error, 5);
  telemetry.publishPoolRelease(source, lease, 5);
  telemetry.publishLeaseInterrupt(source, lease, 'error', false);
  telemetry.publishLeaseForfeit(source, lease);
  telemetry.publishPoolLeak(source, source, 5, 'at here');
  telemetry.publishPoolDiscover(source, 1, 1, 0);
  telemetry.publishDiscoveryFailed(source, error);
  telemetry.publishPoolDisconnect(source);
  telemetry.publishPoolClose(source);
}

test('without a subscriber, nothing is read and nothing made', () => {
  const { source, reads } = spiedSource();
  const freeze = vi.spyOn(Object, 'freeze');
  publishAll(source);
  const frozen = freeze.mock.calls.length;
  freeze.mockRestore();
  expect([reads(), frozen]).toEqual([0, 0]);
});

test('without a subscriber, no event takes a byte of the heap', () => {
  const facts = { id: 1, pool: 'p', endpoint, life: 1, name: 'p', size: 1, isTls: false };
  const rounds = 1_000;
  // The garbage collector may come in between, and so may what the machine compiles: the least of many counts.
  const taken = Array.from({ length: 30 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < rounds; round += 1) publishAll(facts);
    return process.memoryUsage().heapUsed - before;
  }).filter((bytes) => bytes >= 0);
  // The smallest object has 16 bytes; what asking for the memory takes is less than 1 for each round.
  expect(Math.min(...taken) / rounds).toBeLessThan(8);
});

test('without NODE_DEBUG, nothing is read', () => {
  const { source, reads } = spiedSource();
  telemetry.traceMove(source, 'connecting', 'waiting', 'dial-failed', error);
  telemetry.traceRefusedWrite(source, 'waiting');
  expect(reads()).toBe(0);
});

test.each(channelNames)('a subscriber of %s makes only that payload', (name) => {
  const { source } = spiedSource();
  const heard: unknown[] = [];
  const listen = (message: unknown): void => void heard.push(message);
  subscribe(name, listen);
  const freeze = vi.spyOn(Object, 'freeze');
  publishAll(source);
  const frozen = freeze.mock.results.map(({ value }: { value: unknown }) => value);
  freeze.mockRestore();
  unsubscribe(name, listen);
  expect(heard).toHaveLength(1);
  expect(frozen).toEqual(heard);
});
