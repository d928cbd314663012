import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { it } from './support/fixtures.js';

const root = join(__dirname, '..');

/** The code of a document in one language, all of its blocks one after the other. */
function code(language: string, document = 'README.md'): string {
  const readme = readFileSync(join(root, document), 'utf8');
  const blocks = readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'));
  return [...blocks].map(([, block]) => block).join('\n');
}

/** Runs `body` with a file of that text, inside the package, so that it can import it by name. */
async function withFile(name: string, text: string, body: (file: string) => unknown): Promise<void> {
  const folder = mkdtempSync(join(root, 'test', '.readme-'));
  try {
    writeFileSync(join(folder, name), text);
    await body(join(folder, name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the README', () => {
  it('has an example of 2012 that runs', async ({ server }) => {
    const program = code('js').replace('11211', String(server.port));
    expect(program).not.toBe(code('js'));
    await withFile('readme.cjs', program, async (file) => {
      const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
      try {
        for (const life of [1, 2]) {
          const peer = await server.accept(life);
          await peer.until('version\r\n');
          await once(child.stdout, 'data');
          peer.reset();
        }
      } finally {
        child.kill();
        await once(child, 'exit');
      }
    });
  });
});
