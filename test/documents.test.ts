import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { demoCommand } from '../src/cli/demo/index.js';
import { pipeCommand } from '../src/cli/pipe/index.js';
import { serveCommand } from '../src/cli/serve/index.js';
import { readArguments } from '../src/cli/shell/arguments.js';
import { watchCommand } from '../src/cli/watch/index.js';
import { blocksOf, documents } from './support/documents.js';

const root = join(__dirname, '..');
const textOf = (document: string): string => readFileSync(join(root, document), 'utf8');
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
const all = [...documents, 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/README.md', 'SECURITY.md'];

/** What a reader is told to type: the lines of shell blocks, and the code in sentences. */
function commandsOf(document: string): string[] {
  const lines = blocksOf(document)
    .filter(({ fence }) => fence === 'sh')
    .flatMap(({ code }) => code.split('\n'));
  const inText = textOf(document)
    .replaceAll(/^```.*?^```/gms, '')
    .matchAll(/`([^`\n]+)`/g);
  return [...lines, ...[...inText].map(([, code = '']) => code)].flatMap((line) =>
    line.replace(/ #.*/, '').split(/ && | \| /),
  );
}

const typed = all.flatMap((document) =>
  commandsOf(document).map((line) => ({ document, line: line.trim() })),
);

describe('what readers are told to type:', () => {
  test('each script of npm exists', () => {
    const names = typed.flatMap(({ line }) => /^npm (?:run )?(?:--silent )?([a-z:]+)/.exec(line)?.[1] ?? []);
    expect(names.length).toBeGreaterThan(15);
    const builtIn = ['ci', 'install', 'run', 'view', 'version', 'audit', 'publish', 'pack', 'i'];
    const missing = names.filter((name) => !(name in scripts) && !builtIn.includes(name));
    expect(missing).toEqual([]);
  });

  test('each file and folder of the repository is there', () => {
    const paths = typed.flatMap(
      ({ line }) => line.match(/(?<=^|\s)(?:\.ci|\.github|[a-z]+)\/[\w./-]+(?=$|\s)/g) ?? [],
    );
    const ours = paths.filter((path) =>
      /^(\.ci|\.github|bench|docs|examples|scripts|site|src|test)\//.test(path),
    );
    expect(ours.length).toBeGreaterThan(30);
    // What a build makes is there after it.
    expect(ours.filter((path) => path !== 'site/dist/' && !existsSync(join(root, path)))).toEqual([]);
  });

  test('connman takes each command, with its options', () => {
    const commands = [pipeCommand, watchCommand, serveCommand, demoCommand];
    const lines = typed.filter(({ line }) => /^(npx )?connman [a-z]/.test(line));
    expect(lines.length).toBeGreaterThan(12);
    for (const { line } of lines) {
      const [name, ...words] = line.replace(/^(npx )?connman /, '').match(/'[^']*'|\S+/g) ?? [];
      const command = commands.find((each) => each.name === name);
      if (!command) throw new Error(`there is no command for ${line}`);
      const given = words.map((word) => word.replaceAll("'", ''));
      expect(() => readArguments(command.options, given), line).not.toThrow();
    }
  });
});

test('no link to a file, and no picture, leads nowhere', () => {
  const links = all.flatMap((document) => {
    const prose = textOf(document).replaceAll(/^```.*?^```/gms, '');
    const targets = [...prose.matchAll(/\]\(([^)\s#]+)(?:#[^)\s]*)?\)/g)].map(([, target = '']) => target);
    return targets.map((target) => ({ document, target }));
  });
  const own = links.filter(({ target }) => !/^[a-z]+:/.test(target));
  expect(own.length).toBeGreaterThan(100);
  expect(own.filter(({ document, target }) => !existsSync(join(root, dirname(document), target)))).toEqual(
    [],
  );
});

describe('the README', () => {
  const readme = textOf('README.md');

  test('is read in a few minutes', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(251);
  });

  test('has the figures of the benchmarks', () => {
    const part = readme.split(/^## /m).find((each) => each.startsWith('Compared with'));
    const [, most = '', least = '', worst = ''] =
      /at most (\d+), the others ([\d ]+) to ([\d ]+)\./.exec(part ?? '') ?? [];
    const measured = textOf('docs/benchmarks.md');
    expect(measured).toMatch(new RegExp(`^\\| connman +\\| +\\d+ \\(\\d+–${most}\\) `, 'm'));
    expect(measured).toMatch(new RegExp(`^\\| reconnect-net +\\| +${least} `, 'm'));
    expect(measured).toContain(`–${worst})`);
  });
});
