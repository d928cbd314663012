import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import ts from 'typescript';
import { describe, expect, vi } from 'vitest';
import { blocksOf, documents, modulesOf } from './support/documents.js';
import { activeResources, expectNoLeak, it as test } from './support/fixtures.js';
import { entries } from './support/public-names.js';

/** The programs of a document, over the sources. */
function programsOf(document: string): string[] {
  const codes = modulesOf(document).map((blocks) =>
    blocks
      .filter(({ fence }) => fence === 'ts run')
      .map(({ code }) => code)
      .join('\n'),
  );
  return codes.filter((code) => code !== '').map((code) => toModule(code));
}

function toModule(code: string): string {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return outputText.replaceAll(/ from '(connman[^']*)'/g, (all, name: string) =>
    entries[name] ? ` from ${JSON.stringify(pathToFileURL(entries[name]).href)}` : all,
  );
}

/** Runs programs in this process, each to its end; returns what they print. */
async function printed(programs: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(__dirname, '.readme-'));
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
    lines.push(`${format(...words)}\n`);
  });
  try {
    for (const [index, program] of programs.entries()) {
      const before = activeResources();
      const file = join(folder, `${index}.mjs`);
      writeFileSync(file, program);
      await import(file);
      await expectNoLeak(before);
    }
    return lines.join('').replaceAll('\r', '');
  } finally {
    log.mockRestore();
    rmSync(folder, { recursive: true });
  }
}

describe('what a page shows is what it prints:', () => {
  for (const document of documents.filter((each) => programsOf(each).length > 0)) {
    test(document, async () => {
      const shown = blocksOf(document).filter(({ fence }) => fence === 'text');
      expect(await printed(programsOf(document))).toBe(shown.map(({ code }) => code).join(''));
    });
  }
});

test('the JavaScript of the pages parses', () => {
  const blocks = documents.flatMap((document) => blocksOf(document)).filter(({ fence }) => fence === 'js');
  expect(blocks.length).toBeGreaterThan(5);
  for (const { code } of blocks) {
    const { diagnostics = [] } = ts.transpileModule(code, { reportDiagnostics: true, fileName: 'block.js' });
    expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
  }
});
