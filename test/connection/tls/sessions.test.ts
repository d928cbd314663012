import { expect, test } from 'vitest';
import { resolveTls, type ResolvedTls, type TlsOptions } from '../../../src/connection/tls/options.js';
import type { Endpoint } from '../../../src/index.js';
import { firstExpiry, serverName, TlsSessions } from '../../../src/connection/tls/sessions.js';

function resolved(tls: TlsOptions = {}): ResolvedTls {
  return resolveTls({ tls }) as ResolvedTls;
}

test('a session is kept by peer, name and protocols', () => {
  const peers: Endpoint[] = [
    { host: 'a.test', port: 1 },
    { host: 'a.test', port: 2 },
    { host: 'b.test', port: 1 },
    { path: '/a.test' },
    { path: '/b.test' },
  ];
  const kinds = [{}, { servername: 'c.test' }, { ALPNProtocols: ['one'] }, { ALPNProtocols: ['one', 'two'] }];
  const keys = kinds.flatMap((tls) => peers.map((peer) => TlsSessions.key(resolved(tls), peer)));
  expect(new Set(keys).size).toBe(keys.length);
  expect(TlsSessions.key(resolved(), { host: 'a.test', port: 1 })).toBe(keys[0]);
});

test('the name to verify is the one given, or else that of the host', () => {
  const host = { host: 'a.test', port: 1 };
  expect(serverName(resolved(), host)).toEqual({ servername: 'a.test' });
  expect(serverName(resolved({ servername: 'b.test' }), host)).toEqual({ servername: 'b.test' });
  expect(serverName(resolved({ servername: '' }), host)).toEqual({ servername: '' });
  expect(serverName(resolved(), { host: '127.0.0.1', port: 1 })).toEqual({});
  expect(serverName(resolved(), { host: '::1', port: 1 })).toEqual({});
  expect(serverName(resolved(), { path: '/run/a.sock' })).toEqual({});
});

test('a session is given back until it is dropped', () => {
  const sessions = new TlsSessions();
  const session = Buffer.from('session');
  expect(sessions.get('key')).toEqual({});
  sessions.keep('key', session, Infinity);
  expect(sessions.get('key')).toEqual({ session });
  expect(sessions.get('other')).toEqual({});
  sessions.drop('key');
  expect(sessions.get('key')).toEqual({});
});

test('a session ends when its certificates expire', () => {
  const sessions = new TlsSessions();
  const session = Buffer.from('session');
  sessions.keep('key', session, 1_000);
  expect(sessions.expiryOf('key')).toBe(1_000);
  expect(sessions.get('key', 999)).toEqual({ session });
  expect(sessions.get('key', 1_000)).toEqual({});
  // It does not come back with a clock that is set back.
  expect(sessions.get('key', 1)).toEqual({});
  expect(sessions.expiryOf('key')).toBeNaN();
});

test('a session of which it is not known when its certificates expire is not kept, nor is an earlier one', () => {
  const sessions = new TlsSessions();
  sessions.keep('key', Buffer.from('first'), 1_000);
  sessions.keep('key', Buffer.from('second'), NaN);
  expect(sessions.get('key', 0)).toEqual({});
});

test('the first certificate of a chain to expire counts', () => {
  const root: { valid_to: string; issuerCertificate?: unknown } = { valid_to: 'Jan  1 00:00:03 1970 GMT' };
  root.issuerCertificate = root;
  const middle = { valid_to: 'Jan  1 00:00:01 1970 GMT', issuerCertificate: root };
  const leaf = { valid_to: 'Jan  1 00:00:02 1970 GMT', issuerCertificate: middle };
  expect(firstExpiry(leaf as never)).toBe(1_000);
  expect(firstExpiry(root as never)).toBe(3_000);
  expect(firstExpiry({ valid_to: 'Jan  1 00:00:02 1970 GMT' })).toBe(2_000);
  expect(firstExpiry({})).toBeNaN();
  expect(firstExpiry({ valid_to: 'one day' })).toBeNaN();
});
