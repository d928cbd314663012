import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { it as test } from './support/fixtures.js';

const script = join(__dirname, '..', 'scripts', 'check-publishable.mjs');
const folder = mkdtempSync(join(tmpdir(), 'connman-publishable-'));
const complete = {
  version: '3.1.0',
  repository: { type: 'git', url: 'git+https://example.com/connman.git' },
  bugs: { url: 'https://example.com/connman/issues', email: 'security@example.com' },
  homepage: 'https://example.com/connman',
};

afterAll(() => rmSync(folder, { recursive: true }));

function check(tag: string, manifest: object): { status: number | null; stdout: string; stderr: string } {
  const file = join(folder, 'package.json');
  writeFileSync(file, JSON.stringify(manifest));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, tag, file], { encoding: 'utf8' });
  return { status, stdout: stdout.trim(), stderr };
}

test.each([
  ['3.1.0', 'latest'],
  ['3.1.0-beta.1', 'next'],
])('a complete package of version %s is published as %s', (version, distTag) => {
  expect(check(`v${version}`, { ...complete, version })).toEqual({ status: 0, stdout: distTag, stderr: '' });
});

test.each([
  ['`repository`', { repository: undefined }],
  ['`repository`', { repository: { type: 'git', url: '' } }],
  ['`bugs.url`', { bugs: { email: 'security@example.com' } }],
  ['`bugs.email`', { bugs: 'https://example.com/connman/issues' }],
  ['`homepage`', { homepage: ' ' }],
  ['the tag is v3.1.0, but the version in package.json is 3.2.0', { version: '3.2.0' }],
])('it is not published if something is wrong: %s', (message, change) => {
  const { status, stdout, stderr } = check('v3.1.0', { ...complete, ...change });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain(message);
});

test('the release workflow asks it before it publishes', () => {
  const workflow = readFileSync(join(__dirname, '..', '.github', 'workflows', 'release.yml'), 'utf8');
  const publish = workflow.indexOf('npm publish --provenance');
  expect(publish).toBeGreaterThan(0);
  expect(workflow.lastIndexOf('check-publishable.mjs "$GITHUB_REF_NAME"', publish)).toBeGreaterThan(0);
});

test('every action is pinned to a commit', () => {
  for (const name of ['ci', 'nightly', 'release']) {
    const workflow = readFileSync(join(__dirname, '..', '.github', 'workflows', `${name}.yml`), 'utf8');
    const uses = [...workflow.matchAll(/uses: (.*)/g)].map(([, action]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});
