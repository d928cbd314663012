// Mutation testing: changes the sources in small ways and counts the changes that no test notices. Not a part of the
// checks: it takes hours for everything.
//
//   node scripts/mutate.mjs [file or folder of src …]      default: src/gate src/connection src/pool
//
// A file is judged by its own tests, those that have its name: src/gate/admission.ts by test/gate/admission.test.ts and by
// admission-steps.test.ts there. A folder, or a file without such tests, is judged by all tests of its folder. Prints the
// survivors, and for each file how many mutants were killed.
//
// Stryker comes through npx, at the versions below, so that nothing of it is installed with the other tools. So does a Node.js
// that it supports, where this one is older.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const stryker = '10.1.1';
const node = { needed: 22, version: '24' };
const root = fileURLToPath(new URL('..', import.meta.url));
const isFolder = (path) => statSync(join(root, path)).isDirectory();
const targets = process.argv.length > 2 ? process.argv.slice(2) : ['src/gate', 'src/connection', 'src/pool'];

function fail(message) {
  console.error(message);
  process.exit(2);
}

/** The tests that judge it: its own, or those of `test/gate` for `src/gate`, or those of the folder above. */
function testsOf(target) {
  if (!/^src\/[^/]+/.test(target) || !existsSync(join(root, target)))
    fail(`expected a file or folder of src, got ${target}`);
  let folder = target.replace(/^src/, 'test').replace(/\.ts$/, '');
  if (!isFolder(target) && existsSync(join(root, `${folder}.test.ts`))) return `${folder}{,-*}.test.ts`;
  while (!existsSync(join(root, folder)) || !isFolder(folder)) folder = dirname(folder);
  if (folder === 'test')
    fail(`expected a file or folder of src with tests in a folder of test, got ${target}`);
  return `${folder}/**/*.test.ts`;
}

const tests = [...new Set(targets.map(testsOf))];
const { version: vitest } = JSON.parse(readFileSync(join(root, 'node_modules/vitest/package.json'), 'utf8'));

const report = 'coverage/mutation.json';
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
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportScoreTable: false },
    jsonReporter: { fileName: report },
    tempDirName: '.stryker-tmp',
    cleanTempDir: 'always',
    ignorePatterns: ['coverage', 'docs', 'bench'],
  }),
);

const packages = [
  `@stryker-mutator/core@${stryker}`,
  `@stryker-mutator/vitest-runner@${stryker}`,
  `vitest@${vitest}`,
  ...(Number.parseInt(process.versions.node, 10) < node.needed ? [`node@${node.version}`] : []),
];
const npx = [
  '-y',
  ...packages.flatMap((name) => ['-p', name]),
  '-c',
  `cd "${root}" && stryker run "${strykerConfig}"`,
];

/** How many mutants of each file were killed, by the report of Stryker. Those that no test could run do not count. */
function summary() {
  const { files } = JSON.parse(readFileSync(join(root, report), 'utf8'));
  return Object.entries(files).map(([file, { mutants }]) => {
    const count = (...states) => mutants.filter(({ status }) => states.includes(status)).length;
    const killed = count('Killed', 'Timeout');
    const total = killed + count('Survived', 'NoCoverage');
    return `${file}: ${killed} of ${total} killed (${total ? ((100 * killed) / total).toFixed(1) : 100} %)`;
  });
}

try {
  rmSync(join(root, report), { force: true });
  // npx would take from this project what it has of these packages, and the newest version of what they lack.
  const { status } = spawnSync('npx', npx, { cwd: folder, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  if (existsSync(join(root, report))) console.log(summary().join('\n'));
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(root, '.stryker-tmp'), { recursive: true, force: true });
}
