import { describe, expect, it } from 'vitest';
import { DialError, FatalError, HandshakeError } from '../../src/index.js';
import { DialCounts } from '../../src/monitor/dial-counts.js';
import { History } from '../../src/monitor/history.js';
import { refusalOf, type Served } from '../../src/monitor/http/guard.js';
import { Members, phases } from '../../src/monitor/members.js';
import { readMonitorOptions } from '../../src/monitor/options.js';
import { safeCode, troubleOfDial, troubleOfReset } from '../../src/monitor/trouble.js';
import { printable } from '../../src/primitives/printable.js';
import { WaitTimes } from '../../src/monitor/wait-times.js';

const endpoint = { host: 'a.test', port: 1 };

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const late = coded('CONNMAN_TIMEOUT');

describe('what went wrong', () => {
  it.each([
    ['remote-end', undefined, { kind: 'gone', code: 'remote-end' }],
    ['error', coded('ECONNRESET'), { kind: 'gone', code: 'ECONNRESET' }],
    ['heartbeat', late, { kind: 'silent', code: 'heartbeat' }],
    ['idle', undefined, { kind: 'silent', code: 'idle' }],
    ['max-buffered', undefined, { kind: 'silent', code: 'max-buffered' }],
    ['handshake', late, { kind: 'silent', code: 'handshake' }],
    ['handshake', coded('WRONGPASS'), { kind: 'refused', code: 'WRONGPASS' }],
    ['handshake', coded('ECONNRESET'), { kind: 'gone', code: 'ECONNRESET' }],
    ['handshake', coded('<img onerror=x>'), { kind: 'refused', code: 'handshake' }],
    ['requested', coded('EBAD'), { kind: 'gone', code: 'EBAD' }],
    ['requested', undefined, undefined],
    ['local-end', undefined, undefined],
    ['max-age', undefined, undefined],
    ['retired', coded('MOVED'), undefined],
    ['disconnect', undefined, undefined],
  ] as const)('a life that ended by %s, %s', (code, error, expected) => {
    const rootCode = error && 'code' in error ? (error.code as string) : undefined;
    expect(troubleOfReset({ code, ...(error && { error }), ...(rootCode && { rootCode }) })).toEqual(
      expected,
    );
  });

  it.each([
    ['connect', coded('ECONNREFUSED'), { kind: 'gone', code: 'ECONNREFUSED' }],
    ['connect', late, { kind: 'gone', code: 'connect timed out' }],
    ['lookup', coded('ENOTFOUND'), { kind: 'gone', code: 'ENOTFOUND' }],
    ['tls', late, { kind: 'silent', code: 'tls timed out' }],
    ['tls', coded('CERT_HAS_EXPIRED'), { kind: 'refused', code: 'CERT_HAS_EXPIRED' }],
    ['prelude', new FatalError('no'), { kind: 'refused', code: 'CONNMAN_FATAL' }],
    ['prelude', coded('ECONNRESET'), { kind: 'gone', code: 'ECONNRESET' }],
  ] as const)('a dial that failed in the phase %s, %s', (phase, cause, expected) => {
    expect(troubleOfDial(phase, new DialError('no', { endpoint, phase, cause }))).toEqual(expected);
  });

  it('shows no text of others', () => {
    expect([safeCode('a b'), safeCode('x'.repeat(60)), safeCode(7)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(printable('a\nb\u202E\uD800😀')).toBe('a\\u{a}b\\u{202e}\\u{d800}😀');
    expect(printable('x'.repeat(300))).toHaveLength(201);
    expect(troubleOfReset({ code: 'handshake', error: new HandshakeError('secret', { endpoint }) })).toEqual({
      kind: 'refused',
      code: 'handshake',
    });
  });
});

describe('the columns of connections', () => {
  it('find each by its number, also after others have gone', () => {
    const members = new Members();
    for (let id = 1; id <= 500; id += 1) members.add(id * 3, id % 7, phases.away);
    for (let id = 1; id <= 500; id += 2) members.remove(members.find(id * 3));
    for (let id = 501; id <= 900; id += 1) members.add(id * 3, 9, phases.ready);
    expect(members.size).toBe(650);
    for (let id = 1; id <= 900; id += 1) {
      const place = members.find(id * 3);
      expect(place >= 0).toBe(id > 500 || id % 2 === 0);
      if (place >= 0) expect(members.serverAt(place)).toBe(id > 500 ? 9 : id % 7);
      expect(members.find(id * 3 + 1)).toBe(-1);
    }
    expect(members.examples(new Set([2, 9]))).toEqual(new Map([[2, 2 * 3]]));
  });
});

describe('the ring of changes', () => {
  it('gives the last ones, in order, from a number on', () => {
    const history = new History();
    for (let n = 0; n < 10_000; n += 1) history.add(n, n % 5, 1);
    const all = [...history.since(0)];
    expect(all[0]).toEqual({ number: 10_000 - 8_192, at: 1_808, server: 3, state: 1 });
    expect(all.at(-1)?.at).toBe(9_999);
    expect([...history.since(9_998)].map(({ at }) => at)).toEqual([9_998, 9_999]);
    expect(History.bytes).toBeLessThan(128_000);
  });
});

describe('the dials of an interval', () => {
  it('are counted where they belong, and forgotten', () => {
    const dials = new DialCounts();
    for (const at of [500, 600, 1_500]) dials.add(at, false);
    dials.add(1_600, true);
    const { minutes, hour } = dials.read(1_900);
    expect([minutes.done.slice(-2), minutes.failed.slice(-2)]).toEqual([
      [2, 1],
      [0, 1],
    ]);
    expect([hour.done.at(-1), hour.failed.at(-1)]).toEqual([3, 1]);
    const later = dials.read(121_900);
    expect(later.minutes.done.reduce((sum, count) => sum + count)).toBe(0);
    expect(later.hour.done.at(-5)).toBe(3);
  });
});

describe('the time until a lease', () => {
  it('is right to 15 %, and of the last minute', () => {
    const waits = new WaitTimes();
    expect(waits.percentile(0.99, 0)).toBeUndefined();
    for (let n = 0; n < 1_000; n += 1) waits.add(n < 980 ? 0 : 420, 1);
    expect(waits.percentile(0.5, 1)).toBe(0);
    const p99 = waits.percentile(0.99, 1) as number;
    expect(p99).toBeGreaterThanOrEqual(420);
    expect(p99).toBeLessThan(420 * 1.15);
    expect(waits.percentile(0.99, 70_000)).toBeUndefined();
  });
});

describe('a request', () => {
  const local: Served = { host: '127.0.0.1', token: undefined, cookie: 'c' };
  const remote: Served = { host: '0.0.0.0', token: 'a-secret-of-20-chars', cookie: 'c' };
  const socket: Served = { host: undefined, token: undefined, cookie: 'c' };

  function status(served: Served, headers: Record<string, string>, url = '/', method = 'GET'): number {
    return refusalOf({ method, url, headers: { host: 'localhost:1', ...headers } }, served)?.status ?? 200;
  }

  it.each(['127.0.0.1:1', 'localhost', 'LOCALHOST:80', '[::1]:9', '127.1.2.3'])('to %s is served', (host) => {
    expect([status(local, { host }), status(socket, { host })]).toEqual([200, 200]);
  });

  it.each([
    'evil.test',
    'localhost.evil.test',
    '127.0.0.1.evil.test:1',
    '10.0.0.1',
    'a@localhost',
    '[::2]',
    '',
    'localhost:1:2',
  ])('to %s is refused', (host) => {
    expect([status(local, { host }), status(socket, { host })]).toEqual([421, 421]);
  });

  it('without a host is refused', () => {
    expect(refusalOf({ method: 'GET', url: '/', headers: {} }, local)?.status).toBe(421);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'get'])('of the method %s is refused', (method) => {
    expect(status(local, {}, '/', method)).toBe(405);
  });

  it('of another site is refused, unless it is a link', () => {
    expect(status(local, { origin: 'http://evil.test' })).toBe(403);
    expect(status(local, { origin: 'null' })).toBe(403);
    expect(status(local, { origin: 'http://localhost:2' })).toBe(403);
    expect(status(local, { origin: 'http://localhost:1' })).toBe(200);
    expect(status(local, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403);
    expect(
      status(local, {
        'sec-fetch-site': 'same-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'iframe',
      }),
    ).toBe(403);
    expect(
      status(local, {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
      }),
    ).toBe(200);
  });

  it('needs the token, once in the address or each time in a header', () => {
    const host = '10.0.0.7:80';
    const token = 'a-secret-of-20-chars';
    expect(status(remote, { host })).toBe(401);
    expect(status(remote, { host }, '/?token=wrong-wrong-wrong-wrong')).toBe(401);
    expect(status(remote, { host: 'evil.test' }, `/?token=${token}`)).toBe(421);
    // What is asked for need not be a URL.
    for (const url of ['//', 'http://[', '*', '?', '/?token=%'])
      expect(status(remote, { host }, url)).toBe(401);
    expect(status(remote, { host, authorization: `Bearer ${token}` })).toBe(200);
    expect(status(remote, { host, cookie: `b=1; c=${token}` })).toBe(200);
    expect(status(remote, { host, cookie: `c=${token}x` })).toBe(401);
    expect(refusalOf({ method: 'GET', url: `/?token=${token}`, headers: { host } }, remote)).toMatchObject({
      status: 303,
      headers: { location: './', 'set-cookie': `c=${token}; Path=/; HttpOnly; SameSite=Strict` },
    });
  });
});

describe('the options', () => {
  it.each([
    [{ host: '0.0.0.0' }, /options\.token: expected a token, as 0\.0\.0\.0 may be reached/],
    [{ host: 'monitor.test' }, /options\.token/],
    [{ token: 'short' }, /options\.token: expected a secret of 16 to 256/],
    [{ port: 65_536 }, /options\.port/],
    [{ host: 'http://localhost' }, /options\.host/],
    [{ path: 'monitor.sock' }, /options\.path: expected an absolute path/],
    [{ path: '\0monitor' }, /options\.path/],
    [{ path: '/run/a.sock', port: 1 }, /either host and port or path/],
    [{ manager: {} }, /options\.manager: expected a ConnectionManager/],
    [{ prot: 1 }, /options: expected .*got "prot"/],
    [null, /options: expected an object/],
  ])('%o are refused', (options, message) => {
    expect(() => readMonitorOptions(options)).toThrow(message);
  });

  it('have defaults', () => {
    expect(readMonitorOptions({})).toMatchObject({ host: '127.0.0.1', port: 0, path: undefined });
    expect(readMonitorOptions({ host: '::1' }).host).toBe('::1');
    expect(readMonitorOptions({ host: '0.0.0.0', token: 'x'.repeat(16) }).token).toBe('x'.repeat(16));
  });
});
