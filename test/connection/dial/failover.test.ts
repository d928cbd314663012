import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Endpoint, ResetCode } from '../../../src/index.js';
import { resolveOptions } from '../../../src/connection/index.js';
import { LinkClosed } from '../../../src/connection/socket/link.js';
import { leadsOn } from '../../../src/connection/dial/blame.js';
import { Failover } from '../../../src/connection/dial/failover.js';
import { Gates } from '../../../src/gate/index.js';
import { Gate } from '../../../src/gate/gate.js';
import { newGate, ScriptedRequester } from '../../gate/scripted-requester.js';

const endpoints: Endpoint[] = [
  { host: 'a.test', port: 1 },
  { host: 'b.test', port: 2 },
  { path: '/run/c.sock' },
];

/** Whether who came to a gate last was in a hurry. */
let isUrgent: boolean | undefined;

beforeEach(() => {
  isUrgent = undefined;
  vi.spyOn(Gate.prototype, 'enter').mockImplementation((_, urgent) => {
    isUrgent = urgent;
    return 0;
  });
});
afterEach(() => void vi.restoreAllMocks());

/** A failover whose every step says where it leads, and whether in a hurry, as before all have failed. */
function steps(of: Endpoint | Endpoint[] = endpoints): {
  began: () => void;
  failed: () => [number, boolean | undefined];
  ended: (code: ResetCode, isStable: boolean) => [number, boolean | undefined];
} {
  const failover = new Failover(of, resolveOptions(), new Gates());
  const requester = new ScriptedRequester(newGate());
  const at = (): [number, boolean | undefined] => [endpoints.indexOf(failover.endpoint), isUrgent];
  return {
    began: () => failover.lifeBegan(),
    failed: () => {
      failover.failOver(requester);
      return at();
    },
    ended: (code, isStable) => {
      const { gate } = failover;
      if (leadsOn(code, new LinkClosed(), isStable)) failover.moveOn();
      failover.queueUp(requester, gate);
      return at();
    },
  };
}

describe('the failover of several endpoints', () => {
  test('goes from each to the next, and round', () => {
    const { failed } = steps();
    expect(Array.from({ length: 7 }, failed)).toEqual([
      [1, true],
      [2, true],
      [0, false],
      [1, true],
      [2, true],
      [0, false],
      [1, true],
    ]);
  });

  test('begins a new round once one has worked', () => {
    const { began, ended, failed } = steps();
    expect(failed()).toEqual([1, true]);
    began();
    expect(ended('remote-end', true)).toEqual([1, false]);
    expect([failed(), failed(), failed()]).toEqual([
      [2, true],
      [0, true],
      [1, false],
    ]);
  });

  test.each<[ResetCode, boolean, number]>([
    ['remote-end', true, 0],
    ['remote-end', false, 1],
    ['error', true, 0],
    ['error', false, 1],
    ['idle', false, 1],
    ['max-buffered', false, 1],
    ['handshake', true, 1],
    ['heartbeat', true, 1],
    ['requested', true, 1],
    ['local-end', true, 0],
    ['local-end', false, 1],
    ['max-age', false, 0],
    ['disconnect', false, 0],
  ])('after %s of a life that was stable (%s) goes to endpoint %i', (code, isStable, expected) => {
    const { began, ended } = steps();
    began();
    expect(ended(code, isStable)).toEqual([expected, false]);
  });
});

test('the failover of one endpoint stays there, and begins a round every time', () => {
  const { began, ended, failed } = steps(endpoints[1] as Endpoint);
  expect([failed(), failed()]).toEqual([
    [1, false],
    [1, false],
  ]);
  began();
  expect(ended('handshake', false)).toEqual([1, false]);
});
