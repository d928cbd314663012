import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ManagedSocket } from '../../../src/index.js';
import { Watchdog, type WatchdogLimits } from '../../../src/connection/liveness/watchdog.js';
import { lifeSpan } from '../../../src/connection/liveness/heartbeat.js';
import { unchecked } from '../../support/call.js';

/** A watchdog over something that counts as a socket does, told the time by hand. */
class Watched {
  readonly socket = Object.assign(new PassThrough(), { bytesRead: 0 });
  readonly duties: string[] = [];
  readonly watchdog: Watchdog;
  /** Whether its heartbeat may do nothing. */
  rests = false;

  constructor(limits: Partial<WatchdogLimits>, endsAt = Infinity) {
    const complete = { interval: Infinity, timeout: Infinity, idle: Infinity, ...limits };
    this.socket.resume();
    const socket = unchecked<ManagedSocket>(this.socket);
    this.watchdog = new Watchdog(socket, complete, { now: 0, endsAt }, (duty, silence) => {
      if (this.rests) return false;
      this.duties.push(`${duty} after ${silence}`);
      return true;
    });
  }

  /** Looks at a time, having read so many bytes since; acts if it has to. */
  at(time: number, read = 0): string[] {
    this.socket.bytesRead += read;
    this.watchdog.look(time);
    if (time >= this.watchdog.dueAt) this.watchdog.act(time);
    return this.duties.splice(0);
  }
}

describe('a heartbeat', () => {
  const limits = { interval: 100, timeout: 50 };

  test('pings once after the interval, and ends the life after the timeout', () => {
    const watched = new Watched(limits);
    expect(watched.at(99)).toEqual([]);
    expect(watched.at(100)).toEqual(['ping after 100']);
    expect(watched.at(149)).toEqual([]);
    expect(watched.at(150)).toEqual(['heartbeat after 150']);
  });

  test('begins again with whatever is read', () => {
    const watched = new Watched(limits);
    expect(watched.at(60, 1)).toEqual([]);
    expect(watched.at(159)).toEqual([]);
    expect(watched.at(160)).toEqual(['ping after 100']);
    expect(watched.at(200, 1)).toEqual([]);
    expect(watched.at(299)).toEqual([]);
    expect(watched.at(300)).toEqual(['ping after 100']);
  });

  test('gives the peer the whole timeout after a ping that came late', () => {
    const watched = new Watched(limits);
    expect(watched.at(130)).toEqual(['ping after 130']);
    expect(watched.at(179)).toEqual([]);
    expect(watched.at(180)).toEqual(['heartbeat after 180']);
  });

  test('takes back what was due when something has been read meanwhile', () => {
    const watched = new Watched(limits);
    watched.at(100);
    watched.watchdog.look(150);
    expect(watched.watchdog.dueAt).toBe(150);
    watched.socket.bytesRead += 1;
    watched.watchdog.act(150);
    expect(watched.duties).toEqual([]);
  });
});

describe('a heartbeat that rests', () => {
  const limits = { interval: 100, timeout: 50 };

  test('neither pings nor ends the life, and begins again with a whole interval', () => {
    const watched = new Watched(limits);
    watched.rests = true;
    expect(watched.at(100)).toEqual([]);
    expect(watched.at(150)).toEqual([]);
    expect(watched.at(210)).toEqual([]);
    watched.rests = false;
    expect(watched.at(309)).toEqual([]);
    expect(watched.at(310)).toEqual(['ping after 310']);
    expect(watched.at(360)).toEqual(['heartbeat after 360']);
  });

  test('does not end the life for a ping of before', () => {
    const watched = new Watched(limits);
    expect(watched.at(100)).toEqual(['ping after 100']);
    watched.rests = true;
    expect(watched.at(150)).toEqual([]);
    watched.rests = false;
    expect(watched.at(249)).toEqual([]);
    expect(watched.at(250)).toEqual(['ping after 250']);
  });

  test('leaves idleness alone', () => {
    const watched = new Watched({ ...limits, idle: 170 });
    watched.rests = true;
    expect(watched.at(100)).toEqual([]);
    watched.rests = false;
    expect(watched.at(170)).toEqual(['idle after 170']);
  });
});

test('idleness ends the life', () => {
  const watched = new Watched({ idle: 70 });
  expect(watched.at(50, 1)).toEqual([]);
  expect(watched.at(119)).toEqual([]);
  expect(watched.at(120)).toEqual(['idle after 70']);
});

test('age ends the life, however busy', () => {
  const watched = new Watched({ idle: 70, interval: 20, timeout: 20 }, 30);
  expect(watched.at(19, 1)).toEqual([]);
  expect(watched.at(29, 1)).toEqual([]);
  expect(watched.at(30, 1)).toEqual(['max-age after 0']);
});

test('a paused socket is silent by its own will', () => {
  const watched = new Watched({ interval: 100, timeout: 50 });
  watched.socket.pause();
  expect(watched.at(100)).toEqual([]);
  expect(watched.at(190)).toEqual([]);
  watched.socket.resume();
  expect(watched.at(199)).toEqual([]);
  expect(watched.at(300)).toEqual(['ping after 200']);
});

test('a socket whose buffer is full is silent by its own will', () => {
  const watched = new Watched({ idle: 100 });
  watched.socket.on('readable', () => undefined);
  watched.socket.push(Buffer.alloc(watched.socket.readableHighWaterMark));
  expect(watched.at(100)).toEqual([]);
});

test('a life span is the age, give or take a tenth', () => {
  const watch = {
    limits: { interval: 1, timeout: 1, idle: 1 },
    heartbeat: undefined,
    maxAge: 1_000,
    period: 1,
  };
  expect(lifeSpan(watch, () => 0)).toBe(900);
  expect(lifeSpan(watch, () => 0.5)).toBe(1_000);
  expect(lifeSpan(watch, () => 1)).toBe(1_100);
  const spans = Array.from({ length: 100 }, () => lifeSpan(watch));
  expect(new Set(spans).size).toBeGreaterThan(90);
});

test('whatever is read when: silence ends a life by its deadline and never before', () => {
  const looks = fc.array(
    fc.record({ after: fc.integer({ min: 1, max: 30 }), read: fc.integer({ min: 0, max: 3 }) }),
    { minLength: 20, maxLength: 120 },
  );
  fc.assert(
    fc.property(
      looks,
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 200 }),
      (steps, interval, timeout) => {
        const watched = new Watched({ interval, timeout });
        let now = 0;
        let readAt = 0;
        for (const { after, read } of steps) {
          now += after;
          const [duty] = watched.at(now, Number(read > 2));
          if (read > 2) readAt = now;
          const silence = now - readAt;
          if (duty?.startsWith('ping')) expect(silence).toBeGreaterThanOrEqual(interval);
          if (duty?.startsWith('heartbeat')) {
            expect(silence).toBeGreaterThanOrEqual(interval + timeout);
            // One look too late for the ping, and one for the end, each by less than the longest gap.
            expect(silence).toBeLessThan(interval + timeout + 60);
            return;
          }
          expect(silence).toBeLessThan(interval + timeout + 60);
        }
      },
    ),
  );
});
