import { expect, test, vi } from 'vitest';
import { DialError, NoConnectionError } from '../../../src/index.js';
import { Health, type Failure } from '../../../src/pool/members/health.js';

test('since when it is not up does not begin anew with a flap', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const health = new Health();
    const begun = health.report.notUpSince as number;
    expect(begun).toBe(health.report.since);
    vi.advanceTimersByTime(1_000);
    health.update(2, 1);
    vi.advanceTimersByTime(1_000);
    health.update(2, 0);
    expect(health.report).toMatchObject({ state: 'down', since: begun + 2_000, notUpSince: begun });
    health.update(2, 2);
    expect(health.report).toMatchObject({ state: 'up', notUpSince: undefined, rootCode: undefined });
    vi.advanceTimersByTime(1_000);
    health.update(2, 1);
    expect(health.report.notUpSince).toBe(begun + 3_000);
  } finally {
    vi.useRealTimers();
  }
});

const wrapped = new NoConnectionError('none', {
  cause: new DialError('refused', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) }),
});
const reset = { life: 1, endpoint: { host: 'a', port: 1 }, uptime: 1, unsentBytes: 0, willReconnect: true };

test.each<[Failure, string | undefined]>([
  [wrapped, 'ECONNREFUSED'],
  [new Error('no'), undefined],
  [{ ...reset, code: 'remote-end' }, 'remote-end'],
  [{ ...reset, code: 'error', error: new Error('no'), rootCode: 'ECONNRESET' }, 'ECONNRESET'],
])('the root of a failure is a code: %#', (failure, code) => {
  const health = new Health();
  health.failed(failure);
  expect(health.report.rootCode).toBe(code);
});
