import { describe, expect, test } from 'vitest';
import { constant, type Endpoint, type ResetCode } from '../../src/index.js';
import { Course } from '../../src/connection/course.js';

const endpoints: Endpoint[] = [
  { host: 'a.test', port: 1 },
  { host: 'b.test', port: 2 },
  { path: '/run/c.sock' },
];
const options = { firstBackoff: () => constant(7), stableAfter: 100 };

function unexpected(): never {
  throw new Error('the backoff did not fail');
}

/** A course whose every step says where it leads and how long it waits before. */
function steps(of: Endpoint | Endpoint[] = endpoints): {
  began: () => void;
  failed: () => [number, number];
  ended: (code: ResetCode, uptime: number) => [number, number];
} {
  const course = new Course(of);
  const at = (): number => endpoints.indexOf(course.endpoint);
  return {
    began: () => course.lifeBegan(),
    failed: () => {
      const wait = course.dialFailed(options, unexpected);
      return [at(), wait];
    },
    ended: (code, uptime) => {
      const wait = course.lifeEnded(code, uptime, options, unexpected);
      return [at(), wait];
    },
  };
}

describe('the course of several endpoints', () => {
  test('tries each of them before it waits', () => {
    const { failed } = steps();
    expect(Array.from({ length: 7 }, failed)).toEqual([
      [1, 0],
      [2, 0],
      [0, 7],
      [1, 0],
      [2, 0],
      [0, 7],
      [1, 0],
    ]);
  });

  test('tries each of them again after one has worked', () => {
    const { began, ended, failed } = steps();
    expect(failed()).toEqual([1, 0]);
    began();
    expect(ended('remote-end', 100)).toEqual([1, 7]);
    expect([failed(), failed(), failed()]).toEqual([
      [2, 0],
      [0, 0],
      [1, 7],
    ]);
  });

  test.each<[ResetCode, number, number]>([
    ['remote-end', 100, 0],
    ['remote-end', 99, 1],
    ['error', 100, 0],
    ['error', 99, 1],
    ['idle', 99, 1],
    ['max-buffered', 99, 1],
    ['handshake', 100, 1],
    ['heartbeat', 100, 1],
    ['requested', 100, 1],
    ['local-end', 0, 0],
    ['max-age', 0, 0],
    ['disconnect', 0, 0],
  ])('after %s with an uptime of %i goes to endpoint %i', (code, uptime, expected) => {
    const { began, ended } = steps();
    began();
    expect(ended(code, uptime)).toEqual([expected, 7]);
  });
});

test('the course of one endpoint stays there, and waits every time', () => {
  const { began, ended, failed } = steps(endpoints[1] as Endpoint);
  expect([failed(), failed()]).toEqual([
    [1, 7],
    [1, 7],
  ]);
  began();
  expect(ended('handshake', 0)).toEqual([1, 7]);
});
