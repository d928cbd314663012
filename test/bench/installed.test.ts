import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closureOf, sizeOf } from '../../bench/installed.js';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'installed-'));
});

afterAll(() => rmSync(root, { recursive: true }));

function install(path: string, manifest: object): string {
  const folder = join(root, 'node_modules', path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

test('a package and all that it depends on, each once, where Node.js would find it', () => {
  const top = install('top', {
    dependencies: { middle: '1', own: '1' },
    optionalDependencies: { absent: '1' },
  });
  const middle = install('middle', { dependencies: { own: '2', top: '1' } });
  const outer = install('own', {});
  const inner = install('middle/node_modules/own', {});
  install('stranger', {});
  expect(closureOf(top).toSorted()).toEqual([top, middle, inner, outer].toSorted());
});

test('a package is as large as its files, without the packages inside of it', () => {
  const folder = install('large', {});
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib', 'code.js'), 'x'.repeat(100));
  install('large/node_modules/other', { description: 'not of it' });
  expect(sizeOf(folder)).toBe(102);
});
