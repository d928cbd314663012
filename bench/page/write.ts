import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding } from '../findings.js';
import { draw } from '../plots/draw.js';
import { toMarkdown } from './markdown.js';
import { drawings, withPart } from './page.js';

const root = dirname(require.resolve('connman/package.json'));
const page = join(root, 'docs', 'benchmarks.md');

/** Writes a part to the page, in place of what it said before, and its plots beside it. */
export async function writePart(
  order: readonly string[],
  name: string,
  findings: readonly Finding[],
): Promise<void> {
  for (const finding of findings) {
    if (finding.kind === 'plot') save(`${finding.name}.svg`, await draw(finding.spec));
  }
  const before = existsSync(page) ? readFileSync(page, 'utf8') : '';
  writeFileSync(page, withPart(before, order, name, toMarkdown(findings, drawings)));
  execFileSync(join(root, 'node_modules', '.bin', 'oxfmt'), [page]);
}

function save(file: string, text: string): void {
  const folder = join(dirname(page), drawings);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, file), text);
}
