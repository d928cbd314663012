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
export const badHosts: readonly unknown[] = ['', undefined, null, 5, true, [host], { host }];

/** What the error names, and wrong endpoints of that kind. */
export const badEndpoints: Rows = [
  ['endpoint', [[], [{ host, port: 80 }], { host, port: 80, Port: 81 }, { host, port: 80, path: '/x' }]],
  ['endpoint.port', [{}, { host }, ...badPorts.map((port) => ({ host, port }))]],
  ['endpoint.host', [{ port: 80 }, ...badHosts.map((each) => ({ host: each, port: 80 }))]],
];

function handlersWith(name: string, values: readonly unknown[]): readonly [string, readonly unknown[]] {
  return [`handler.${name}`, values.map((value) => Object.assign({}, handler, { [name]: value }))];
}

/** What the error names, and wrong handlers of that kind. */
export const badHandlers: Rows = [
  ['handler', [undefined, null, 5, 'handler', true, Symbol('handler')]],
  ...['onConnect', 'onReset', 'onReconnect'].map((name) => handlersWith(name, [undefined, null, 'x', {}])),
  ...['onData', 'onRetry', 'onClose', 'onError'].map((name) => handlersWith(name, [null, 'x', {}])),
];
