import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { resolveOptions } from '../../src/connection/index.js';
import { sameOptions } from '../../src/gate/same-options.js';
import type { ConnectionOptions } from '../../src/index.js';

const lookup = (): void => {};
const tls = { secureContext: createSecureContext() };

function areSame(one: ConnectionOptions, other: ConnectionOptions): boolean {
  return sameOptions(resolveOptions(one), resolveOptions(other));
}

test.each<[string, () => ConnectionOptions]>([
  ['none', () => ({})],
  ['a lookup', () => ({ lookup, connectTimeout: 10 })],
  ['of a dial', () => ({ localAddress: '127.0.0.9', family: 4 })],
  ['a backoff', () => ({ backoff: { initial: 10 } })],
  ['of TLS', () => ({ tls: { ...tls, servername: 'a.test' } })],
  ['signals', () => ({ signal: new AbortController().signal })],
])('options are the same if their values are: %s', (_, make) => {
  expect(areSame(make(), make())).toBe(true);
});

test.each<[ConnectionOptions, ConnectionOptions]>([
  [{ lookup }, { lookup: () => {} }],
  [{ lookup }, {}],
  [{ localAddress: '127.0.0.9' }, { localAddress: '127.0.0.8' }],
  [{ localAddress: '127.0.0.9' }, {}],
  [{ tls }, { tls: { ...tls, servername: 'a.test' } }],
  [{ tls }, { tls: { secureContext: createSecureContext() } }],
  [{ tls }, {}],
])('options are not the same if one value differs: %o, %o', (one, other) => {
  expect([areSame(one, other), areSame(other, one)]).toEqual([false, false]);
});
