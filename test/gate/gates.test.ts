import { expect, test } from 'vitest';
import type { Endpoint } from '../../src/index.js';
import { Gates } from '../../src/gate/index.js';
import { newGate, ScriptedRequester } from './scripted-requester.js';

test('an endpoint has one gate over TLS and one without, and a path is no host', () => {
  const gates = new Gates();
  const endpoints: Endpoint[] = [
    { host: 'a.test', port: 1 },
    { host: 'a.test', port: 2 },
    { path: 'a.test:1' },
  ];
  const all = endpoints.flatMap((endpoint) => [gates.take(endpoint, false), gates.take(endpoint, true)]);
  expect(new Set(all).size).toBe(6);
  const again = endpoints.flatMap((endpoint) => [
    gates.take({ ...endpoint }, false),
    gates.take(endpoint, true),
  ]);
  expect(again.map((gate, index) => gate === all[index])).toEqual(Array(6).fill(true));
});

const holder = new ScriptedRequester(newGate());

test('a gate is kept as long as a connection holds it', () => {
  const gates = new Gates();
  for (let port = 1; port <= 1_000; port += 1) {
    const endpoint = { host: 'a.test', port };
    const gate = gates.take(endpoint, false);
    expect(gates.take(endpoint, false)).toBe(gate);
    gates.giveBack(gate, holder);
    expect(gates.take(endpoint, false)).toBe(gate);
    gates.giveBack(gate, holder);
    gates.giveBack(gate, holder);
    expect(gate.users).toBe(0);
    const next = gates.take(endpoint, false);
    expect(next).not.toBe(gate);
    gates.giveBack(next, holder);
  }
});
