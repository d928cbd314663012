import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ScratchProject } from '../support/scratch-project.js';
import { bundlers } from './bundlers.js';
import { importedLife, mixed, onlyBackoff, requiredLife } from './programs.js';

/** Bytes of a minified program that uses nothing but a backoff. */
const mostForBackoff = 8_000;

const project = new ScratchProject();
/** Elsewhere, so that a bundle finds nothing that is not in it. */
const bundles = new ScratchProject();

beforeAll(async () => {
  await project.install(await project.pack());
});

afterAll(() => {
  project.remove();
  bundles.remove();
});

describe.each(bundlers)('bundled by $name', ({ bundle, output, readsRequire, isMinified }) => {
  /** Bundles a program; resolves with the path of what comes out. */
  async function bundled(file: string, text: string): Promise<string> {
    project.write(file, text);
    const path = bundles.path(`${file}-${output}`);
    await bundle(project.path(file), path);
    return path;
  }

  async function result(file: string, text: string): Promise<unknown> {
    return JSON.parse(await bundles.node(await bundled(file, text)));
  }

  test('imports: two lives, the names of errors, instanceof across the entries', async () => {
    expect(await result(importedLife.file, importedLife.text)).toEqual(importedLife.expected);
  });

  if (readsRequire) {
    test('the same with require()', async () => {
      expect(await result(requiredLife.file, requiredLife.text)).toEqual(requiredLife.expected);
    });

    test('has one registry, whether its parts import or require', async () => {
      project.write('required.cjs', mixed.required);
      expect(await result('mixed.mjs', mixed.imported)).toEqual([true, true]);
    });
  }

  if (isMinified) {
    test('takes in next to nothing for a backoff alone', async () => {
      const path = await bundled('backoff.mjs', onlyBackoff);
      expect(JSON.parse(await bundles.node(path))).toBe(1.5);
      expect(statSync(path).size).toBeLessThan(mostForBackoff);
    });
  }
});
