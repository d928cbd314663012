import type { Handler } from '../../src/index.js';

type Rows = readonly (readonly [option: string, wrong: readonly unknown[]])[];

function doNothing(): void {}

/** A handler that does nothing. */
export const handler: Handler = { onConnect: doNothing, onReset: doNothing, onReconnect: doNothing };

const host = '127.0.0.1';

export const badPorts: readonly unknown[] = [
  0,
  99_999,
  65_536,
  -1,
  1.5,
  '80',
  NaN,
  Infinity,
  undefined,
  null,
  true,
  80n,
];
const noNames = ['a.test:80', 'http://a.test', 'user:secret@a.test', '[::1]', 'a b', 'a\n', 'a\0', '/tmp/x'];
export const badHosts: readonly unknown[] = [
  '',
  undefined,
  null,
  5,
  true,
  [host],
  { host },
  'x'.repeat(256),
  ...noNames,
];
const longPath = `/${'x'.repeat(300)}`;
const badPaths: readonly unknown[] = [
  '',
  null,
  5,
  true,
  ['/x'],
  '/a\0b',
  '\0',
  'redis://user:secret@a.test',
  'unix:///run/x.sock',
  longPath,
  `/${'é'.repeat(200)}`,
];

/** What the error names, and wrong endpoints of that kind. */
export const badEndpoints: Rows = [
  [
    'endpoint',
    [
      { host, port: 80, Port: 81 },
      { host, port: 80, path: '/x' },
      { path: '/x', port: 80 },
    ],
  ],
  ['endpoint.path', badPaths.map((path) => ({ path }))],
  ['endpoint.port', [{}, { host }, ...badPorts.map((port) => ({ host, port }))]],
  ['endpoint.host', [{ port: 80 }, ...badHosts.map((each) => ({ host: each, port: 80 }))]],
];

/** What the error names, and wrong lists of endpoints of that kind. */
export const badEndpointLists: Rows = [
  ['endpoints', [[], Array.from({ length: 1_001 }, () => ({ path: '/x' }))]],
  ['endpoints[0]', [[5], [null], ['a.test:80'], [[]], [{ host, port: 80, path: '/x' }]]],
  ['endpoints[0].port', [[{ host }]]],
  [
    'endpoints[1]',
    [[{ host, port: 80 }, undefined], Array.from({ length: 2 }, (_, n) => n || { path: '/x' })],
  ],
  ['endpoints[1].path', [[{ path: '/x' }, { path: '' }]]],
];

function handlersWith(name: string, values: readonly unknown[]): readonly [string, readonly unknown[]] {
  return [`handler.${name}`, values.map((value) => Object.assign({}, handler, { [name]: value }))];
}

/** What the error names, and wrong handlers of that kind. */
export const badHandlers: Rows = [
  ['handler', [undefined, null, 5, 'handler', true, Symbol('handler')]],
  handlersWith('onConnect', [undefined, null, 'x', {}]),
  ...['onReset', 'onReconnect', 'onData', 'onDrain', 'onRetry', 'onClose', 'onError'].map((name) =>
    handlersWith(name, [null, 'x', {}]),
  ),
];
