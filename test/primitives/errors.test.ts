import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  ClosedError,
  ConnmanError,
  DialError,
  DiscoveryError,
  HandshakeError,
  OptionError,
  PoolExistsError,
  TimeoutError,
} from '../../src/index.js';
import { isError, messageOf } from '../../src/primitives/errors.js';

const cause = new Error('the cause');
const endpoint = { host: 'h', port: 1 };

describe('errors', () => {
  const made: [string, string, Error][] = [
    ['DialError', 'CONNMAN_DIAL', new DialError('m', { cause, endpoint })],
    ['HandshakeError', 'CONNMAN_HANDSHAKE', new HandshakeError('m', { cause, endpoint })],
    ['ClosedError', 'CONNMAN_CLOSED', new ClosedError('m', { pool: 'p' })],
    ['PoolExistsError', 'CONNMAN_POOL_EXISTS', new PoolExistsError('m', { pool: 'p' })],
    ['DiscoveryError', 'CONNMAN_DISCOVERY', new DiscoveryError('m', 'a.test', { cause })],
    ['TimeoutError', 'CONNMAN_TIMEOUT', new TimeoutError('m', 5)],
    ['OptionError', 'CONNMAN_OPTION', new OptionError('port', 'a number', 'x')],
  ];
  for (const [name, code, error] of made) {
    test(`${name} has its name and code, and is a ConnmanError and an Error`, () => {
      expect(error).toMatchObject({ name, code });
      expect(error).toBeInstanceOf(ConnmanError);
      expect(error).toBeInstanceOf(Error);
      expect(error instanceof DialError).toBe(name === 'DialError');
      expect(error.stack).toContain(name);
    });
  }

  test('carry their data', () => {
    expect(new DialError('m', { cause, endpoint })).toMatchObject({ cause, endpoint, message: 'm' });
    expect(new PoolExistsError('m', { pool: 'p' }).pool).toBe('p');
    expect(new TimeoutError('m', 5).timeout).toBe(5);
    expect(new DiscoveryError('m', 'a.test', { cause })).toMatchObject({ domain: 'a.test', cause });
    expect('cause' in new ClosedError('m')).toBe(false);
  });

  test('an OptionError is a TypeError that says what was expected and what it got', () => {
    const got: [unknown, string][] = [
      ['80', '"80"'],
      ['x'.repeat(41), 'a string of 41 characters'],
      [Number.NaN, 'NaN'],
      [10n, '10n'],
      [undefined, 'undefined'],
      [null, 'null'],
      [[], 'an array'],
      [{}, 'an object'],
      [() => 1, 'a function'],
      [Symbol('s'), 'a symbol'],
      [true, 'true'],
    ];
    for (const [value, text] of got) {
      const error = new OptionError('port', 'a port', value);
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({ option: 'port', message: `port: expected a port, got ${text}` });
    }
  });

  test('nothing else is a ConnmanError', () => {
    for (const value of [new Error('e'), new TypeError('t'), null, undefined, 'CONNMAN', {}]) {
      expect(value instanceof ConnmanError).toBe(false);
    }
  });

  test('an error of another realm is one, and that of an abort', () => {
    const [error, abort]: unknown[] = [
      runInNewContext('new TypeError("wrong")'),
      runInNewContext('signal.reason', { signal: AbortSignal.abort() }),
    ];
    expect(error).not.toBeInstanceOf(Error);
    expect([isError(error), isError(Object.create(null)), isError('error')]).toEqual([true, false, false]);
    expect([messageOf(error), messageOf(abort)]).toEqual(['wrong', 'This operation was aborted']);
  });
});
