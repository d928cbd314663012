// Runs the whole test suite on every supported line of Node.js, one after the other. npx fetches them from the registry;
// whatever the tests start with process.execPath runs on the same Node.js.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const versions = ['20', '22', '24', '26'];

function runOn(version, args, stdio) {
  const npx = ['-y', '-p', `node@${version}`, 'node', ...args];
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  return spawnSync('npx', npx, { cwd, stdio, encoding: 'utf8', shell: process.platform === 'win32' });
}

const lines = versions.map((version) => {
  const exact = runOn(version, ['--version'], ['ignore', 'pipe', 'inherit']);
  const started = performance.now();
  const { status } = runOn(
    version,
    ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)],
    'inherit',
  );
  if (status !== 0) process.exitCode = 1;
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  return `Node ${exact.stdout?.trim() || version}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`;
});
console.log(lines.join('\n'));
