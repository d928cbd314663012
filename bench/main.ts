// What connman costs, beside a bare net.Socket with a retry written by hand (bare.ts); and how fast its pool lends, beside
// other pools (peers/, installed when they are first needed).
//   npm run bench -- [cpu] [memory] [sweep] [scale] [instructions] [pool] [import] [size] [--rounds N] [--quick] [--strict]
// Without the name of a section, all of them. Each measurement runs in a process of its own, against a server in another,
// the subjects in turn. A ratio is the median of the ratios of the same round, with the least and the greatest; "bare /
// bare" and "peer / peer" are the same for a control and its own next round: how far this machine can tell. --strict makes
// a missed target an exit code of 1.
import { parseArgs } from 'node:util';
import { compilePrograms } from './compile.js';
import { cpu } from './sections/cpu.js';
import { isPinned } from './processes.js';
import { importTime } from './sections/import-time.js';
import { memory } from './sections/memory.js';
import { instructions } from './sections/instructions.js';
import { scale } from './sections/scale.js';
import { size } from './sections/size.js';
import { pool } from './sections/pool.js';
import { sweep } from './sections/sweep.js';

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
});

const sections = {
  cpu: { run: cpu, rounds: 15, quickRounds: 3 },
  memory: { run: memory, rounds: 5, quickRounds: 2 },
  sweep: { run: sweep, rounds: 5, quickRounds: 1 },
  scale: { run: scale, rounds: 5, quickRounds: 2 },
  instructions: { run: instructions, rounds: 3, quickRounds: 1 },
  pool: { run: pool, rounds: 7, quickRounds: 2 },
  import: { run: importTime, rounds: 21, quickRounds: 7 },
  size: { run: size, rounds: 1, quickRounds: 1 },
};

type Section = (typeof sections)[keyof typeof sections];

function chosen(): Section[] {
  return names.length === 0 ? Object.values(sections) : names.map(sectionNamed);
}

function sectionNamed(name: string): Section {
  for (const [known, section] of Object.entries(sections)) if (known === name) return section;
  throw new TypeError(`section: expected one of ${Object.keys(sections).join(', ')}, got ${name}`);
}

function roundsOf(section: { rounds: number; quickRounds: number }): number {
  if (options.rounds === undefined) return options.quick ? section.quickRounds : section.rounds;
  const rounds = Number(options.rounds);
  if (Number.isInteger(rounds) && rounds > 0) return rounds;
  throw new TypeError(`--rounds: expected a whole number above 0, got ${options.rounds}`);
}

async function main(): Promise<void> {
  const work = chosen().map((section) => ({ run: section.run, rounds: roundsOf(section) }));
  compilePrograms();
  const where = isPinned ? 'client and server each on a CPU of their own' : 'client and server on any CPU';
  console.log(`Node.js ${process.version}, ${where}\n`);
  let isMet = true;
  for (const { run, rounds } of work) {
    // One after the other: side by side they would disturb each other.
    // oxlint-disable-next-line no-await-in-loop
    isMet = (await run(rounds)) && isMet;
  }
  if (options.strict && !isMet) process.exitCode = 1;
}

void main();
