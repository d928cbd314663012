import { serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { History } from '../../src/monitor/history.js';
import { states } from '../../src/monitor/kinds.js';
import { phases } from '../../src/monitor/members.js';
import { Recording } from '../../src/monitor/recording.js';
import type { Trouble } from '../../src/monitor/trouble.js';
import { judge, type Verdict } from '../../src/monitor/verdict.js';

const gone: Trouble = { kind: 'gone', code: 'ECONNREFUSED' };
const silent: Trouble = { kind: 'silent', code: 'heartbeat' };

/** A recording with so many connections to server `a`, which are ready, and one to `b`. */
function started(size = 4): Recording {
  const recording = new Recording(0);
  for (let id = 1; id <= size; id += 1) recording.servers.add(id, 'a', 'cache', phases.ready, 0);
  recording.servers.add(100, 'b', undefined, phases.ready, 0);
  return recording;
}

function verdict(recording: Recording, at: number, next?: { at: number; waiting: number }): Verdict {
  return judge(recording, at, (servers) => new Map(next ? servers.map(({ index }) => [index, next]) : []));
}

/** The states that the lane of server `a` shows, one after the other. */
function lane(recording: Recording): [at: number, state: string][] {
  const names = Object.fromEntries(Object.entries(states).map(([name, state]) => [state, name]));
  return Array.from(recording.history.since(0))
    .filter(({ server }) => server === 0)
    .map(({ at, state }) => [at, names[state] as string]);
}

describe('the sentence', () => {
  it('is calm when all is well', () => {
    expect(verdict(started(), 10)).toMatchObject({
      tone: 'well',
      headline: 'All 2 servers are well; 5 connections are ready.',
      sentences: [],
    });
    expect(verdict(new Recording(0), 0).headline).toBe('No connections yet.');
  });

  it('says of a crashed server since when, why, what next and who waits', () => {
    const recording = started();
    for (let id = 1; id <= 4; id += 1) recording.lost(id, 'a', gone, 'error', 1_000);
    recording.dialFailed(1, 'a', gone, 2_000);
    expect(verdict(recording, 24_000, { at: 25_100, waiting: 4 }).headline).toBe(
      'a is down for 23 s: ECONNREFUSED; next dial in 1.1 s; 4 connections wait.',
    );
    expect(lane(recording)).toEqual([
      [0, 'up'],
      [1_000, 'part'],
      [1_000, 'down'],
    ]);
  });

  it('says for how long a server has not been well, whatever its connections do meanwhile', () => {
    const recording = started();
    for (let id = 1; id <= 4; id += 1) recording.lost(id, 'a', gone, 'error', 1_000);
    recording.opened(1, 'a', 9_000);
    recording.ready(1, 'a', 9_001);
    expect(verdict(recording, 21_000).sentences).toEqual([
      'a is degraded for 20 s: 1 of 4 ready (ECONNREFUSED)',
    ]);
    recording.lost(1, 'a', gone, 'remote-end', 22_000);
    expect(verdict(recording, 24_000).headline).toMatch(/^a is down for 23 s/);
  });

  it('tells a frozen server from a crashed one, also while it accepts the next dial', () => {
    const recording = started();
    for (let id = 1; id <= 4; id += 1) recording.lost(id, 'a', silent, 'heartbeat', 1_000);
    const sentence = 'a is frozen for 3.0 s: it accepts connections and does not answer (heartbeat).';
    expect(verdict(recording, 4_000).headline).toBe(sentence);
    recording.opened(1, 'a', 2_000);
    expect(verdict(recording, 4_000).headline).toBe(sentence);
    expect(lane(recording).at(-1)).toEqual([1_000, 'silent']);
  });

  it('tells of a first handshake that gets no answer, before its timeout', () => {
    const recording = new Recording(0);
    recording.servers.add(1, 'a', undefined, phases.away, 0);
    recording.opened(1, 'a', 100);
    expect(verdict(recording, 1_000).tone).toBe('well');
    expect(verdict(recording, 2_100).headline).toMatch(/^a is frozen for 2\.0 s/);
    expect(lane(recording)).toEqual([[100, 'silent']]);
    recording.ready(1, 'a', 3_000);
    expect(verdict(recording, 3_000).tone).toBe('well');
  });

  it('tells a flapping server from one that was lost once with many connections', () => {
    const recording = started();
    for (let id = 1; id <= 4; id += 1) recording.lost(id, 'a', gone, 'error', id);
    expect(verdict(recording, 10).headline).toMatch(/^a is down/);
    for (const at of [1_000, 2_000]) {
      recording.opened(1, 'a', at);
      recording.ready(1, 'a', at);
      recording.lost(1, 'a', { kind: 'gone', code: 'remote-end' }, 'remote-end', at + 20);
    }
    expect(verdict(recording, 3_000).headline).toBe('a is flapping for 3.0 s: lost 3 times (remote-end).');
    expect(verdict(recording, 33_100).headline).toMatch(/^a is down for 33 s/);
  });

  it('says since when a server flaps, however long, and begins again after a calm', () => {
    const recording = started(1);
    const flap = (from: number, times: number): void => {
      for (let at = from; at < from + times * 1_000; at += 1_000) {
        recording.lost(1, 'a', gone, 'error', at);
        recording.opened(1, 'a', at + 10);
        recording.ready(1, 'a', at + 11);
      }
    };
    flap(1_000, 100);
    expect(verdict(recording, 101_000).headline).toBe('a is flapping for 100 s: lost 100 times.');
    expect(verdict(recording, 131_000).tone).toBe('well');
    flap(200_000, 3);
    expect(verdict(recording, 203_000).headline).toBe('a is flapping for 3.0 s: lost 3 times.');
  });

  it('says that a handshake is refused', () => {
    const recording = started(1);
    recording.lost(1, 'a', { kind: 'refused', code: 'WRONGPASS' }, 'handshake', 0);
    expect(verdict(recording, 5_000).headline).toBe(
      'a is refusing for 5.0 s: the handshake is refused (WRONGPASS).',
    );
  });

  it('names a slow server by what a lease takes elsewhere in its pool', () => {
    const recording = started();
    recording.servers.add(200, 'c', 'cache', phases.ready, 0);
    for (let at = 1; at <= 5; at += 1) {
      recording.released(1, 810, at);
      recording.released(200, 3, at);
    }
    expect(verdict(recording, 10)).toMatchObject({
      tone: 'warning',
      headline: 'a is slow: a lease takes 810 ms here, 3 ms elsewhere.',
    });
    expect(lane(recording).at(-1)).toEqual([10, 'slow']);
    recording.forgetPace(20);
    expect(verdict(recording, 20).tone).toBe('well');
  });

  it('names a server that gives no lease back, where leases are short elsewhere', () => {
    const recording = started();
    recording.servers.add(200, 'c', 'cache', phases.ready, 0);
    for (let at = 1; at <= 5; at += 1) recording.released(200, 3, at);
    recording.leased('a', 4, 1_000);
    expect(verdict(recording, 2_000).tone).toBe('well');
    expect(verdict(recording, 4_000).headline).toBe('a is frozen for 3.0 s: 4 leases, none given back.');
    recording.released(1, 4_100, 4_100);
    expect(verdict(recording, 4_200).sentences).toEqual([]);
  });

  it('stays until somebody tries again where connections are closed for good', () => {
    const recording = started(2);
    for (const id of [1, 2]) {
      recording.lost(id, 'a', { kind: 'refused', code: 'WRONGPASS' }, 'handshake', 1_000);
      recording.closed(id, 'a', 'fatal', 1_000);
      if (id === 1) recording.ready(2, 'a', 1_000);
      expect(verdict(recording, 24_000).headline).toBe(
        [
          'a is degraded for 23 s: 1 of 2 ready (WRONGPASS); 1 connection closed for good.',
          'a is refusing for 23 s: the handshake is refused (WRONGPASS); 2 connections closed for good.',
        ][id - 1],
      );
    }
    expect(lane(recording).at(-1)).toEqual([1_000, 'down']);
    recording.servers.add(101, 'a', 'cache', phases.away, 25_000);
    recording.ready(101, 'a', 25_000);
    expect(verdict(recording, 25_000).headline).toBe('All 2 servers are well; 2 connections are ready.');
  });

  it('goes with the pool of connections that are closed for good, or with its last connection', () => {
    for (const isLast of [true, false]) {
      const recording = started(2);
      recording.lost(1, 'a', gone, 'error', 1_000);
      recording.closed(1, 'a', 'gave-up', 1_000);
      if (!isLast) recording.lost(2, 'a', gone, 'error', 1_000);
      recording.closed(2, 'a', isLast ? 'disconnect' : 'gave-up', 1_000);
      if (!isLast) recording.poolClosed('cache', 2_000);
      expect(verdict(recording, 3_000).headline).toBe('The server is well; its connection is ready.');
      expect(lane(recording).at(-1)?.[1]).toBe('none');
    }
  });

  it('is not disturbed by what was planned', () => {
    const recording = started(1);
    recording.lost(1, 'a', undefined, 'max-age', 1_000);
    expect(verdict(recording, 1_010).tone).toBe('well');
    recording.opened(1, 'a', 1_020);
    recording.ready(1, 'a', 1_021);
    expect(lane(recording)).toEqual([
      [0, 'up'],
      [1_000, 'none'],
      [1_021, 'up'],
    ]);
  });

  it('tells of a discovery that fails, and of its recovery', () => {
    const recording = started();
    recording.discovered('cache', 5, 5, 0, 0);
    recording.discoveryFailed('cache', 'ENOTFOUND', 1_000);
    recording.discoveryFailed('cache', 'ENOTFOUND', 2_000);
    expect(verdict(recording, 24_000)).toMatchObject({
      tone: 'warning',
      headline: 'the discovery of pool cache fails for 23 s: ENOTFOUND; its last 5 endpoints stay in use.',
    });
    recording.discovered('cache', 5, 0, 0, 25_000);
    expect(verdict(recording, 25_000).tone).toBe('well');
  });

  it('says it of the worst first, and of no more than 20', () => {
    const recording = new Recording(0);
    for (let id = 1; id <= 30; id += 1) {
      recording.servers.add(id, `s${id}`, undefined, phases.ready, 0);
      recording.lost(id, `s${id}`, id % 2 ? gone : silent, 'error', 100 - id);
    }
    const { headline, sentences, more, findings } = verdict(recording, 200);
    expect(headline).toBe('30 of 30 servers are ill.');
    expect([sentences.length, more]).toEqual([20, 10]);
    expect(findings.slice(0, 2).map(({ server }) => server.name)).toEqual(['s29', 's27']);
    expect(findings[15]?.kind).toBe('frozen');
  });

  it('follows a connection to another of its endpoints', () => {
    const recording = started(1);
    recording.lost(1, 'a', gone, 'error', 1_000);
    recording.dialFailed(1, 'a', gone, 1_100);
    recording.opened(1, 'c', 1_200);
    recording.ready(1, 'c', 1_201);
    expect(verdict(recording, 2_000).sentences).toEqual(['a is down for 1.0 s: ECONNREFUSED']);
    const later = verdict(recording, 60_000);
    expect(later.tone).toBe('well');
    expect(later.findings.find(({ server }) => server.name === 'a')?.kind).toBe('left');
  });
});

describe('what is kept', () => {
  it('is not more than 256 kB of changes, in whatever night', () => {
    const recording = started(1);
    for (let n = 0; n < 20_000; n += 1) {
      recording.lost(1, 'a', { kind: 'gone', code: `E${n}` }, 'error', n);
      recording.ready(1, 'a', n);
      recording.leaseWasCut(1, 'a', n);
    }
    expect(Array.from(recording.history.since(0))).toHaveLength(8_192);
    expect(recording.log.since(0)).toHaveLength(200);
    expect(recording.causes.toArray()).toHaveLength(65);
    expect(recording.leasesCut).toBe(20_000);
  });

  it('is that also where names are as long as they may be, of characters of two bytes', () => {
    const recording = new Recording(0);
    for (let id = 1; id <= 300; id += 1) {
      const name = `ж${id}${'ж'.repeat(200)}`.slice(0, 201);
      recording.servers.add(id, name, undefined, phases.ready, id);
      recording.lost(
        id,
        name,
        { kind: 'gone', code: `E${'X'.repeat(47)}${id}`.slice(0, 48) },
        'handshake',
        id,
      );
    }
    const { log, causes, dials } = recording;
    const bytes = History.bytes + serialize([log.since(0), causes.toArray(), dials.read(1)]).length;
    expect(bytes).toBeLessThan(256_000);
    expect(bytes).toBeGreaterThan(190_000);
  });

  it('is nothing of connections that are not of this manager', () => {
    const recording = started();
    recording.dialFailed(7, 'z', gone, 1);
    recording.lost(7, 'z', gone, 'error', 1);
    recording.closed(7, 'z', 'fatal', 1);
    recording.leaseWasCut(7, 'z', 1);
    recording.requestsWereLost(7, 'z', 3, 1);
    expect(recording.log.since(0)).toEqual([]);
    expect([recording.leasesCut, recording.requestsLost, recording.causes.toArray()]).toEqual([0, 0, []]);
  });

  it('forgets servers that are gone: after an hour, and the oldest of many', () => {
    const recording = new Recording(0);
    for (let id = 1; id <= 1_000; id += 1) {
      recording.servers.add(id, `s${id}`, undefined, phases.ready, id);
      if (id % 2) recording.lost(id, `s${id}`, gone, 'error', id);
      recording.closed(id, `s${id}`, id % 2 ? 'fatal' : 'disconnect', id);
    }
    expect(Array.from(recording.servers).length).toBeLessThanOrEqual(201);
    expect(recording.servers.named('s1000')).toBeDefined();
    recording.servers.settle(3_700_000);
    expect(Array.from(recording.servers)).toEqual([]);
  });

  it('folds what repeats itself into one line of the log', () => {
    const recording = started(1);
    for (const at of [1_000, 2_000, 3_000]) {
      recording.lost(1, 'a', gone, 'error', at);
      recording.ready(1, 'a', at + 10);
    }
    expect(recording.log.since(0).map(({ text, count, first, last }) => [text, count, first, last])).toEqual([
      ['lost: ECONNREFUSED', 3, 1_000, 3_000],
      ['all connections are ready', 3, 1_010, 3_010],
    ]);
    expect(recording.log.since(recording.log.version - 1)).toHaveLength(1);
  });

  it('has connections that were closed for good', () => {
    const recording = started(1);
    recording.closed(1, 'a', 'fatal', 5);
    expect(recording.closedForGood).toBe(1);
    expect(recording.servers.connections).toBe(1);
    expect(recording.log.since(0).at(-1)?.text).toBe('a connection is closed for good: fatal');
  });
});
