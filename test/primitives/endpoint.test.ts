import { expect, test } from 'vitest';
import { OptionError } from '../../src/index.js';
import { endpointArguments, endpointsArguments, formatEndpoint } from '../../src/primitives/endpoint.js';

test('both forms of arguments give the same frozen endpoint, and the rest', () => {
  const given = { host: 'a.test', port: 80 };
  for (const args of [
    [80, 'a.test', 'rest', 1],
    [given, 'rest', 1],
  ]) {
    const { target, rest } = endpointArguments(args);
    expect(target).toEqual(given);
    expect(target).not.toBe(given);
    expect(Object.isFrozen(target)).toBe(true);
    expect(rest).toEqual(['rest', 1]);
  }
});

test.each<[string, unknown[]]>([
  ['port: expected a whole number from 1 to 65535, got "80"', ['80', 'a.test']],
  ['port: expected a whole number from 1 to 65535, got undefined', []],
  ['got "80" (pass a number)', ['80', 'a.test']],
  [
    'port: expected a whole number from 1 to 65535, got a string of 9 characters (pass the port, then',
    ['a.test:80'],
  ],
  ['got a string of 6 characters (pass the port, then the host)', ['a.test']],
  ['got a string of 14 characters, a URL (pass its port and its host)', ['redis://a.test']],
  ['port: expected a port, then a host, got a host, then a port', ['a.test', 80]],
  ['host: expected a host name or an IP address, got ""', [80, '']],
  ['got a string of 24 characters, a URL (pass its port and its host)', [80, 'redis://user:secret@host']],
  ['got a string of 9 characters (pass the port, then the host without it)', [80, 'a.test:80']],
  ['got a string of 5 characters (pass the IPv6 address without brackets)', [80, '[::1]']],
  ['got a string of 9 characters (for a Unix socket, pass { path })', [80, '/run/sock']],
  ['host: expected a host name or an IP address, got a string of 18 characters', [80, 'user:secret@a.test']],
  ['endpoint.port: expected a whole number from 1 to 65535, got undefined', [{ host: 'a.test' }]],
  ['endpoint.host: expected a string that is not empty, got 5', [{ port: 80, host: 5 }]],
  [
    'endpoint: expected either host and port or path, got an object',
    [{ port: 80, host: 'a.test', path: '/x' }],
  ],
  [
    'endpoint: expected only the options host, port, path, servername, target, got "url"',
    [{ port: 80, host: 'a.test', url: '/x' }],
  ],
  ['endpoint.path: expected a path of 1 to', [{ path: '' }]],
  ['endpoint: expected an object, got an array', [[80, 'a.test']]],
])('%s', (message, args) => {
  expect(() => endpointArguments(args)).toThrow(OptionError);
  expect(() => endpointArguments(args)).toThrow(message);
});

test('a list of endpoints is read in order', () => {
  const given = [{ host: 'a.test', port: 80 }, { path: '/run/a.sock' }, { host: '::1', port: 1 }];
  const { target, rest } = endpointsArguments([given, 'rest']);
  expect(target).toEqual(given);
  expect(given.map((_, index) => Object.isFrozen(Object(target)[index]))).toEqual([true, true, true]);
  expect(rest).toEqual(['rest']);
  expect(endpointsArguments([80, 'a.test', 'rest'])).toEqual({ target: given[0], rest: ['rest'] });
});

test('an endpoint reads as people write it', () => {
  expect(formatEndpoint({ host: 'a.test', port: 80 })).toBe('a.test:80');
  expect(formatEndpoint({ host: '::1', port: 80 })).toBe('[::1]:80');
  expect(formatEndpoint({ path: '/run/a.sock' })).toBe('/run/a.sock');
  expect(formatEndpoint({ path: '\0a' })).toBe('@a');
});
