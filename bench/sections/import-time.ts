import { execFileSync } from 'node:child_process';
import { spread, type Spread } from '../ratios.js';
import { printValues } from '../report.js';

const target = 20;
const code = `
const cpuBefore = process.cpuUsage();
const before = performance.now();
require('connman');
const elapsed = performance.now() - before;
const { user, system } = process.cpuUsage(cpuBefore);
console.log(elapsed, (user + system) / 1000);
`;

/**
 * What `require('connman')` takes, measured around it in new processes; says whether the target is met. The CPU is
 * what counts: it is the time that passes on a machine which does nothing else.
 */
export async function importTime(rounds: number): Promise<boolean> {
  console.log(`Import, measured around require('connman') in ${rounds} new processes`);
  const runs = Array.from({ length: rounds }, () =>
    execFileSync(process.execPath, ['-e', code], { cwd: __dirname, encoding: 'utf8' }).split(' ').map(Number),
  );
  const elapsed = spread(runs.map(([milliseconds = NaN]) => milliseconds));
  const used = spread(runs.map(([, milliseconds = NaN]) => milliseconds));
  return printValues([
    {
      name: `require('connman'), CPU (${inMilliseconds(elapsed)} passed)`,
      value: inMilliseconds(used),
      target: `< ${target} ms`,
      isMet: used.median < target,
    },
  ]);
}

function inMilliseconds({ median, min, max }: Spread): string {
  return `${median.toFixed(1)} ms (${min.toFixed(1)}–${max.toFixed(1)})`;
}
