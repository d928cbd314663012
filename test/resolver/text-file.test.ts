import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TextFile } from '../../src/resolver/text-file.js';

let folder: string;
let path: string;
let parsed: string[];
let file: TextFile<string>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'connman-text-file-'));
  path = join(folder, 'file');
  parsed = [];
  file = new TextFile(path, (text) => {
    parsed.push(text);
    return text.toUpperCase();
  });
});

afterEach(() => rmSync(folder, { recursive: true }));

it('is read again when it was written, replaced or removed, and not otherwise', () => {
  writeFileSync(path, 'one');
  expect([file.contents, file.contents]).toEqual(['ONE', 'ONE']);
  writeFileSync(path, 'three');
  expect([file.contents, file.contents]).toEqual(['THREE', 'THREE']);
  writeFileSync(`${path}.new`, 'seven');
  renameSync(`${path}.new`, path);
  expect(file.contents).toBe('SEVEN');
  rmSync(path);
  expect([file.contents, file.contents]).toEqual(['', '']);
  expect(parsed).toEqual(['one', 'three', 'seven', '']);
});

it('that is not there counts as empty until it is', () => {
  expect(file.contents).toBe('');
  writeFileSync(path, 'late');
  expect(file.contents).toBe('LATE');
});
