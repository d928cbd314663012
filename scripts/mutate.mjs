// Mutation testing: changes the sources in small ways and counts the changes that no test notices. Not a part of the
// checks: it takes hours for everything.
//
//   node scripts/mutate.mjs [file or folder of src …]      default: src/gate src/connection src/pool
//
// Stryker comes through npx, at the versions below, so that nothing of it is installed with the other tools. It needs
// Node.js 22 or newer: npx -p node@24 node scripts/mutate.mjs src/gate
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const stryker = '10.1.1';
const root = fileURLToPath(new URL('..', import.meta.url));
const targets = process.argv.length > 2 ? process.argv.slice(2) : ['src/gate', 'src/connection', 'src/pool'];

function fail(message) {
  console.error(message);
  process.exit(2);
}

if (Number.parseInt(process.versions.node, 10) < 22)
  fail(`Stryker ${stryker} needs Node.js 22 or newer, this is ${process.version}`);

/** `src/gate` → `gate`: the folder of the sources, and of the tests that judge them. */
function partOf(target) {
  const part = /^src\/([^/]+)/.exec(target)?.[1];
  if (part === undefined || !existsSync(join(root, target)) || !existsSync(join(root, 'test', part)))
    fail(`expected a file or folder of src with tests in test/, got ${target}`);
  return part;
}

const tests = [...new Set(targets.map((target) => `test/${partOf(target)}/**/*.test.ts`))];
const isFolder = (target) => statSync(join(root, target)).isDirectory();
const { version: vitest } = JSON.parse(readFileSync(join(root, 'node_modules/vitest/package.json'), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'connman-mutate-'));
const vitestConfig = join(folder, 'vitest.config.mjs');
const strykerConfig = join(folder, 'stryker.json');

const testOptions = { include: tests, pool: 'forks', testTimeout: 20_000, hookTimeout: 20_000 };
writeFileSync(vitestConfig, `export default ${JSON.stringify({ test: testOptions })};\n`);
writeFileSync(
  strykerConfig,
  JSON.stringify({
    mutate: targets.map((target) => (isFolder(target) ? `${target}/**/*.ts` : target)),
    testRunner: 'vitest',
    vitest: { configFile: vitestConfig, related: false, pool: 'forks' },
    coverageAnalysis: 'perTest',
    // A mutant of a constant at the top of a module would run every test.
    ignoreStatic: true,
    // Nothing here is compiled with it, and Stryker would need TypeScript to read it.
    tsconfigFile: 'none',
    concurrency: Number(process.env.CONNMAN_MUTATE_CONCURRENCY ?? 2),
    dryRunTimeoutMinutes: 20,
    timeoutMS: 20_000,
    reporters: ['clear-text', 'json'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
    jsonReporter: { fileName: 'coverage/mutation.json' },
    tempDirName: '.stryker-tmp',
    cleanTempDir: 'always',
    ignorePatterns: ['coverage', 'docs', 'bench'],
  }),
);

const packages = [
  `@stryker-mutator/core@${stryker}`,
  `@stryker-mutator/vitest-runner@${stryker}`,
  `vitest@${vitest}`,
];
const npx = [
  '-y',
  ...packages.flatMap((name) => ['-p', name]),
  '-c',
  `cd "${root}" && stryker run "${strykerConfig}"`,
];
try {
  // npx would take from this project what it has of these packages, and the newest version of what they lack.
  const { status } = spawnSync('npx', npx, { cwd: folder, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(root, '.stryker-tmp'), { recursive: true, force: true });
}
