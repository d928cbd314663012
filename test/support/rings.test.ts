import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { takeForbidden } from './no-sockets.js';
import { ringsOf, testFiles } from './rings.mjs';

describe('the ring of a file', () => {
  test.each([
    ['unit', `import { expect, test } from 'vitest';`],
    ['unit', `import { it } from 'vitest';\nimport { x } from './fixtures.js';`],
    ['socket', `import { expect } from 'vitest';\nimport { it } from './fixtures.js';`],
    ['socket', `import type { TestContext } from 'vitest';\nimport { test } from './client.js';`],
    ['unit, soak', `import { test } from 'vitest';\nimport { perRing } from './per-ring.js';`],
    ['socket, soak', `import { it } from './program.js';\nimport { perRing } from './per-ring.js';`],
  ])('is %s by its imports', (rings, text) => {
    const found = Object.entries(ringsOf({ 'test/a.test.ts': text }));
    expect(found.flatMap(([ring, files]) => (files.length > 0 ? [ring] : [])).join(', ')).toBe(rings);
  });

  test('is the soak ring alone by its name', () => {
    const files = { 'test/a.soak.test.ts': `import { test } from 'vitest';` };
    expect(ringsOf(files)).toEqual({ unit: [], socket: [], soak: ['test/a.soak.test.ts'] });
  });

  test('is there for every file', () => {
    const { unit, socket, soak } = ringsOf(testFiles());
    expect(new Set([...unit, ...socket, ...soak])).toEqual(new Set(Object.keys(testFiles())));
    for (const ring of [unit, socket, soak]) expect(ring.length).toBeGreaterThan(5);
  });
});

test.each<[string, () => unknown]>([
  ['dials', () => connect(1, '127.0.0.1')],
  ['dials', () => connectSecurely(1, '127.0.0.1')],
  ['listens', () => createServer().listen()],
  ['opens a socket', () => createSocket('udp4').bind()],
  ['starts a program', () => spawn('true')],
  ['starts a program', () => execFileSync('true')],
])('the unit ring forbids what %s', (what, act) => {
  expect(act).toThrow(`a test of the unit ring ${what}: its file belongs to the socket ring`);
  expect(takeForbidden()).toEqual([what]);
});
