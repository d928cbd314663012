import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';
import { until } from '../support/fixtures.js';
import { it } from './iterations.js';

/** Runs a program over the built sources, with an iteration at hand; resolves with how it ended. */
function run(server: string, body: string): { exit: Promise<unknown[]>; kill: () => void } {
  const source = `dnsAddresses('a.test', 80, { servers: ['${server}'], timeout: 600000 })`;
  const head = `const { dnsAddresses } = require('connman/discovery'); const source = ${source};`;
  const code = `${head} const iteration = source[Symbol.asyncIterator](); ${body}`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'ignore', 'inherit'] });
  return { exit: once(child, 'close'), kill: () => child.stdin.end() };
}

it('waiting for the TTL does not keep a program alive', async ({ dns }) => {
  dns.addresses('a.test', '10.0.0.1');
  const { exit } = run(
    dns.server,
    `iteration.next().then(() => iteration.next()).then(() => process.exit(1));`,
  );
  expect(await exit).toEqual([0, null]);
  expect(dns.asked).toHaveLength(2);
});

it('a look-up keeps a program alive, until return() ends it', async ({ dns }) => {
  dns.on('A a.test', 'silence').on('AAAA a.test', 'silence');
  const end = `() => { iteration.return(); process.exitCode = 5; }`;
  const { exit, kill } = run(
    dns.server,
    `iteration.next(); process.stdin.resume().on('end', ${end}).unref();`,
  );
  await until(() => dns.asked.length >= 2);
  kill();
  expect(await exit).toEqual([5, null]);
});
