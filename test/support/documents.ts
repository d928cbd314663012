import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');

/** The documents of users: README.md, and what is in docs/. */
export const documents: readonly string[] = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`),
];

/** A block of code in a document: its language, with what follows it in the fence, and its text. */
export interface Block {
  readonly fence: string;
  readonly code: string;
}

/** The blocks of a document, in order. */
export function blocksOf(document: string): Block[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```([^\n]*)\n(.*?)^```/gms)].map(([, fence = '', code = '']) => ({
    fence,
    code,
  }));
}

/** The code of a document in TypeScript. A block that imports connman begins a module of its own. */
export function modulesOf(document: string): Block[][] {
  const modules: Block[][] = [[]];
  for (const block of blocksOf(document).filter(({ fence }) => fence === 'ts' || fence === 'ts run')) {
    if (block.code.includes(" from 'connman';")) modules.push([]);
    modules.at(-1)?.push(block);
  }
  return modules.filter((blocks) => blocks.length > 0);
}
