import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ScratchProject } from '../support/scratch-project.js';

const project = new ScratchProject();

beforeAll(async () => {
  await project.install(await project.pack());
});

afterAll(() => project.remove());

/** Where the links and pictures of a text lead, without those to other sites. */
function linksIn(text: string): string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '');
  const targets = [...prose.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that a site makes of headings. */
function anchorsIn(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Why a link does not hold, if it does not. */
function fault(document: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : join(dirname(document), path);
  if (!target.startsWith(project.connman) || !existsSync(target)) return `${link}: there is no such file`;
  if (anchor === undefined || anchorsIn(readFileSync(target, 'utf8')).includes(anchor)) return undefined;
  return `${link}: there is no such heading`;
}

test('the links of the packed documents hold, and their pictures are there', () => {
  const names = readdirSync(project.connman, { recursive: true, encoding: 'utf8' });
  const documents = names.filter((name) => name.endsWith('.md')).map((name) => join(project.connman, name));
  expect(documents).toContain(join(project.connman, 'docs', 'pools.md'));
  const faults = documents.flatMap((document) =>
    linksIn(readFileSync(document, 'utf8')).map((link) => fault(document, link)),
  );
  expect(faults.filter((each) => each !== undefined)).toEqual([]);
});

test('the first example of the README prints what it says, as `node first.mjs`', async () => {
  const readme = readFileSync(join(project.connman, 'README.md'), 'utf8');
  const [, program = ''] = /^```ts run\n(.*?)^```/ms.exec(readme) ?? [];
  const [, shown] = /^```text\n(.*?)^```/ms.exec(readme) ?? [];
  project.write('first.mjs', program);
  expect(await project.node('first.mjs')).toBe(shown);
});
