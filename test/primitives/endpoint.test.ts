import { expect, test } from 'vitest';
import { OptionError } from '../../src/index.js';
import { endpointArguments, formatEndpoint } from '../../src/primitives/endpoint.js';

test('both forms of arguments give the same frozen endpoint, and the rest', () => {
  const given = { host: 'a.test', port: 80 };
  for (const args of [
    [80, 'a.test', 'rest', 1],
    [given, 'rest', 1],
  ]) {
    const [endpoint, rest] = endpointArguments(args);
    expect(endpoint).toEqual(given);
    expect(endpoint).not.toBe(given);
    expect(Object.isFrozen(endpoint)).toBe(true);
    expect(rest).toEqual(['rest', 1]);
  }
});

test.each<[string, unknown[]]>([
  ['port: expected a whole number from 1 to 65535, got "80"', ['80', 'a.test']],
  ['port: expected a whole number from 1 to 65535, got undefined', []],
  ['host: expected a string that is not empty, got ""', [80, '']],
  ['endpoint.port: expected a whole number from 1 to 65535, got undefined', [{ host: 'a.test' }]],
  ['endpoint.host: expected a string that is not empty, got 5', [{ port: 80, host: 5 }]],
  ['endpoint: expected only the options host, port, got "path"', [{ port: 80, host: 'a.test', path: '/x' }]],
  ['endpoint: expected an object, got an array', [[80, 'a.test']]],
])('%s', (message, args) => {
  expect(() => endpointArguments(args)).toThrow(OptionError);
  expect(() => endpointArguments(args)).toThrow(message);
});

test('an endpoint reads as people write it', () => {
  expect(formatEndpoint({ host: 'a.test', port: 80 })).toBe('a.test:80');
  expect(formatEndpoint({ host: '::1', port: 80 })).toBe('[::1]:80');
});
