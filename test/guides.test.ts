import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import ts from 'typescript';
import { describe, expect, vi } from 'vitest';
import { it as test } from './support/fixtures.js';
import { entries } from './support/public-names.js';

const root = join(__dirname, '..');
const folders = ['', 'docs', 'docs/guides'];
const documents = folders.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

/** The blocks of a document whose fence says so. */
function blocks(document: string, fence: string): string[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${fence}\n(.*?)^\`\`\``, 'gms'))].map(
    ([, block = '']) => block,
  );
}

/** The blocks of a page that run, as one program over the sources. */
function programOf(document: string): string {
  const { outputText } = ts.transpileModule(blocks(document, 'ts run').join('\n'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  return outputText.replaceAll(/ from '(connman[^']*)'/g, (all, name: string) =>
    entries[name] ? ` from ${JSON.stringify(pathToFileURL(entries[name]).href)}` : all,
  );
}

/** Runs a program in this process; returns what it prints. */
async function printed(program: string): Promise<string> {
  const folder = mkdtempSync(join(root, 'test', '.readme-'));
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((...words: unknown[]) => {
    lines.push(`${format(...words)}\n`);
  });
  try {
    const file = join(folder, 'page.mjs');
    writeFileSync(file, program);
    await import(file);
    return lines.join('');
  } finally {
    log.mockRestore();
    rmSync(folder, { recursive: true });
  }
}

describe('what a page shows is what it prints:', () => {
  for (const document of documents.filter((each) => blocks(each, 'ts run').length > 0)) {
    test(document, async () => {
      const shown = blocks(document, 'text').join('').replaceAll('\r', '');
      expect((await printed(programOf(document))).replaceAll('\r', '')).toBe(shown);
    });
  }
});

test.each(documents.filter((each) => blocks(each, 'js').length > 0))(
  'the JavaScript of %s parses',
  (document) => {
    for (const block of blocks(document, 'js')) {
      const { diagnostics = [] } = ts.transpileModule(block, {
        reportDiagnostics: true,
        fileName: 'block.js',
      });
      expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
    }
  },
);
