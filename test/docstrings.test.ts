import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
// Of the socket ring: the compiler takes seconds.
import { documents, modulesOf } from './support/documents.js';
import { it } from './support/fixtures.js';
import { compile, publicNames, publicProgram, valuesOf } from './support/public-names.js';

const root = join(__dirname, '..');
const program = publicProgram();
const names = publicNames(program);

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
    const code = documents.flatMap((document) =>
      modulesOf(document).map((blocks, index) => {
        return [`${document}.${index}.mts`, blocks.map((block) => block.code).join('\n')] as const;
      }),
    );
    expect(compile(Object.fromEntries([...examples, ...code]), program)).toEqual([]);
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

describe('the documents name', () => {
  const textOf = (document: string): string => readFileSync(join(root, document), 'utf8');
  const membersOf = (type: string): string[] =>
    names.flatMap(({ name }) => (name.startsWith(`${type}.`) ? [name.slice(type.length + 1)] : []));

  it.each([
    ['onReset', 'Reset'],
    ['onRetry', 'DialFailure'],
    ['onClose', 'CloseReason'],
  ])('what %s is given', (method, type) => {
    const row = new RegExp(`^\\| \`${method}\\(.*\`\\{ (.+) \\}\``, 'm').exec(textOf('README.md'));
    const fields = (row?.[1] ?? '').replaceAll('?', '').split(', ');
    expect(fields.toSorted()).toEqual(membersOf(type).toSorted());
  });

  it.each([
    ['ConnectionOptions', 'docs/options.md'],
    ['PoolOptions', 'docs/pools.md'],
    ['RequestOptions', 'docs/requests.md'],
    ['Handler', 'README.md'],
  ])('all %s', (type, document) => {
    const quoted = [...textOf(document).matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) =>
      code.split(/\W+/),
    );
    const members = membersOf(type);
    expect(members.length).toBeGreaterThan(2);
    expect(members.filter((name) => !quoted.includes(name))).toEqual([]);
  });
});

describe('docs/troubleshooting.md', () => {
  /** The headings of one part, without what is in brackets. */
  function headingsOf(part: string): string[] {
    const text = readFileSync(join(root, 'docs', 'troubleshooting.md'), 'utf8');
    const section = text.split(/^## /m).find((each) => each.startsWith(`${part}\n`));
    return [...(section ?? '').matchAll(/^### (.+?)(?: \(.*\))?$/gm)].map(([, heading = '']) => heading);
  }

  it.each([
    ['ErrorCode', 'Error codes', ['CONNMAN_FATAL', 'CONNMAN_GAVE_UP', 'CONNMAN_NOT_READY']],
    ['ResetCode', 'Why a life ended', []],
    ['CloseCode', 'Why a connection is closed', []],
    ['DialPhase', 'Phases of a failed dial', []],
  ])('has a heading for every %s, and none that is no code', (type, part, others) => {
    const codes = valuesOf(program, type);
    expect(codes.length).toBeGreaterThan(3);
    expect(headingsOf(part).toSorted()).toEqual([...codes, ...others].toSorted());
  });
});
