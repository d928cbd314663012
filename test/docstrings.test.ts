import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
// Of the socket ring: the compiler takes seconds.
import { it } from './support/fixtures.js';
import { compile, publicNames, publicProgram } from './support/public-names.js';

const root = join(__dirname, '..');
const program = publicProgram();
const names = publicNames(program);

/** The code of a document, all of its blocks one after the other. */
function codeOf(document: string): string {
  const blocks = readFileSync(join(root, document), 'utf8').matchAll(/^```ts\n(.*?)^```/gms);
  return [...blocks].map(([, block]) => block).join('\n');
}

describe('what an entry exports', () => {
  it('has a docstring, as each of its members has', () => {
    expect(names.filter(({ text }) => text === '').map(({ name }) => name)).toEqual([]);
  });

  it('has one example in TypeScript, if it is a class, a function or an interface with methods', () => {
    const wanting = names
      .filter(({ name, isCallable }) => isCallable && !name.includes('.'))
      .filter(({ examples }) => examples.length !== 1);
    expect(wanting.map(({ name }) => name)).toEqual([]);
    expect(names.filter(({ examples }) => examples.includes(''))).toEqual([]);
  });
});

describe('TypeScript compiles', () => {
  it('the examples of docstrings, and the code of README.md and docs/', () => {
    const examples = names.flatMap(({ name, examples: all }) =>
      all.map((text, index) => [`${name}-${index + 1}.mts`, text] as const),
    );
    const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
      .filter((name) => name.endsWith('.md'))
      .map((name) => [`${name}.mts`, codeOf(name)] as const);
    expect(compile(Object.fromEntries([...examples, ...documents]), program)).toEqual([]);
  });

  it('nothing that is wrong', () => {
    const wrong = {
      'a.mts': "import { nothing } from 'connman';",
      'b.mts': "import { echo } from 'connman/testing';\necho(1);",
    };
    expect(compile(wrong, program)).toEqual([
      expect.stringMatching(/^a\.mts:1: .*no exported member 'nothing'/),
      expect.stringMatching(/^b\.mts:2: Expected 0 arguments/),
    ]);
  });
});
