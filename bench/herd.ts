// What a herd of programs does to a server that they lose and find again: connman's default backoff and others.
//   npm run bench:herd -- [--seed 1] [--programs 10000]   tables and targets; exit code 1 if a target is missed
//   npm run bench:herd -- --gate                          programs with many connections each: what the gate does
//   npm run bench:herd -- --search                        looks for good defaults instead
import { parseArgs } from 'node:util';
import { fleetTable } from './herd/fleet-table.js';
import { others, ours } from './herd/policies.js';
import { outageNames, type Plan, runPolicy } from './herd/run.js';
import { search } from './herd/search.js';
import { blipTable, latenessTable, outageTable, targetLines } from './herd/tables.js';
import { isMissed, targetsOf } from './herd/targets.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    programs: { type: 'string', default: '10000' },
    gate: { type: 'boolean', default: false },
    search: { type: 'boolean', default: false },
  },
});
const plan: Plan = { programs: Number(values.programs), herds: 3, blips: 500_000, seed: Number(values.seed) };

function compare(): void {
  const own = runPolicy(ours(), plan);
  const rivals = others.map((policy) => runPolicy(policy, plan));
  const results = [own, ...rivals];
  const targets = targetsOf(own, rivals);
  console.log(`${plan.programs} independent programs lose their server at once; seed ${plan.seed}.`);
  console.log(
    `Means over ${plan.herds} such herds; shares are of all programs. The window of 100 ms slides:`,
  );
  console.log('at each instant the programs that dialled in the last 100 ms are counted, each once.\n');
  for (const outage of outageNames) console.log(`${outageTable(results, outage)}\n`);
  console.log(`${latenessTable(results)}\n`);
  console.log(`${blipTable(results)}\n`);
  console.log(targetLines(targets));
  if (targets.some(isMissed)) process.exitCode = 1;
}

if (values.search) search({ ...plan, herds: 2, blips: 50_000 });
else if (values.gate) console.log(fleetTable(plan.seed));
else compare();
