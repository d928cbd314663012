import type { SocketConnectOpts } from 'node:net';
import { expect, test } from 'vitest';
import { resolveTls, type TlsOptions } from '../../../src/connection/tls/options.js';
import { serverName, TlsSessions } from '../../../src/connection/tls/sessions.js';

function resolved(tls: TlsOptions = {}): NonNullable<ReturnType<typeof resolveTls>> {
  return resolveTls({ tls }) as NonNullable<ReturnType<typeof resolveTls>>;
}

test('a session is kept by peer, name and protocols', () => {
  const peers: SocketConnectOpts[] = [
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
  sessions.keep('key', session);
  expect(sessions.get('key')).toEqual({ session });
  expect(sessions.get('other')).toEqual({});
  sessions.drop('key');
  expect(sessions.get('key')).toEqual({});
});
