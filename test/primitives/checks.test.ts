import { expect, test } from 'vitest';
import { anything, boolean, callable, milliseconds, readOptions } from '../../src/primitives/checks.js';

interface Known {
  readonly grace?: number;
  readonly wanted?: boolean;
}

const table = { grace: milliseconds, wanted: boolean };

test('only own options that are defined are read, and each once', () => {
  let reads = 0;
  const given = Object.create(
    { grace: 'inherited', unknown: true },
    {
      wanted: {
        enumerable: true,
        get: () => {
          reads += 1;
          return true;
        },
      },
      grace: { enumerable: true, value: undefined },
    },
  ) as Known;
  const own = readOptions<Known>('options', given, table);
  expect(own.wanted).toBe(true);
  expect(own.wanted).toBe(true);
  expect(own.grace).toBeUndefined();
  expect(reads).toBe(1);
});

test('a property of Object.prototype is no option', () => {
  const prototype = Object.prototype as { grace?: unknown };
  prototype.grace = 'polluted';
  try {
    expect(readOptions<Known>('options', {}, table).grace).toBeUndefined();
  } finally {
    delete prototype.grace;
  }
  const parsed = JSON.parse('{"__proto__": {"grace": 1}}') as unknown;
  expect(() => readOptions<Known>('options', parsed, table)).toThrow('got "__proto__"');
});

test.each<[string, unknown]>([
  ['options: expected an object, got null', null],
  ['options: expected an object, got 5', 5],
  ['options: expected an object, got an array', []],
  ['options: expected only the options grace, wanted, got "other"', { other: undefined }],
  ['options: expected a known option, got "gracee" (did you mean grace?)', { gracee: 1 }],
  ['options: expected a known option, got "GRACE" (did you mean grace?)', { GRACE: 1 }],
  ['options.grace: expected milliseconds from 0 to 2147483647, got "1"', { grace: '1' }],
  ['options: expected an object with properties of its own, got an instance of Promise', Promise.resolve({})],
  ['got an instance of AbortSignal', new AbortController().signal],
  ['got an instance of URL', new URL('tcp://a.test:1')],
  ['got an instance of Map', new Map([['grace', 1]])],
])('%s', (message, options) => {
  expect(() => readOptions<Known>('options', options, table)).toThrow(message);
});

test.each([
  ['maxRetries', 'maxAttempts'],
  ['connectionTimeout', 'connectTimeout'],
  ['retryDelay', 'backoff'],
  ['reconnect', 'backoff'],
  ['pingInterval', 'heartbeat'],
  ['rejectUnauthorized', 'tls'],
  ['maxConnections', 'perEndpoint'],
])('an option that other libraries call %s is %s here', (name, meant) => {
  const known = { [meant]: anything, other: anything };
  expect(() => readOptions('options', { [name]: 1 }, known)).toThrow(`(did you mean ${meant}?)`);
  expect(() => readOptions('options', { [name]: 1 }, { other: anything })).toThrow('only the options other');
});

test('a check passes what it accepts', () => {
  expect(callable('f', () => undefined)).toBeUndefined();
});
