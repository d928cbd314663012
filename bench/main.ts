// connman beside what else keeps or lends connections (peers/, installed when they are first needed).
//   npm run bench -- [part …] [--rounds N] [--quick] [--strict]
// Without the name of a part, all of them (parts.ts). Each prints what it found and writes it to docs/benchmarks.md, unless
// --quick makes it measure too little for that. Each measurement runs in a process of its own, against a server in another,
// the contestants in turn. --strict makes a missed target an exit code of 1.
import { parseArgs } from 'node:util';
import { compilePrograms } from './compile.js';
import { areMet, say, type Finding } from './findings.js';
import { print } from './page/print.js';
import { provenance } from './page/provenance.js';
import { writePart } from './page/write.js';
import type { Part } from './part.js';
import { partNamed, parts } from './parts.js';
import { installPeers, ownVersion, versionOf } from './peers.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
});

const all = Object.keys(parts);
const chosen = positionals.length === 0 ? all : positionals;

function roundsOf(part: Part): number {
  if (options.rounds === undefined) return options.quick ? part.quickRounds : part.rounds;
  const rounds = Number(options.rounds);
  if (Number.isInteger(rounds) && rounds > 0) return rounds;
  throw new TypeError(`--rounds: expected a whole number above 0, got ${options.rounds}`);
}

/** Measures one part, prints it and writes it; says whether all of its targets are met. */
async function measurePart(name: string, part: Part, rounds: number): Promise<boolean> {
  console.log(`# ${part.title}\n`);
  const versions = part.peers.map((peer) => `${peer} ${versionOf(peer)}`);
  const about = provenance(rounds, [`connman ${ownVersion()}`, ...versions]);
  const timer = limit(name, part);
  const found: Finding[] = [say(about), ...(await part.run(rounds))];
  clearTimeout(timer);
  print(found);
  if (!options.quick) await writePart(all, name, [say(`## ${part.title}`), ...found]);
  return areMet(found);
}

/** Ends the program if a part hangs; its processes end with it. */
function limit(name: string, { minutes }: Part): NodeJS.Timeout {
  return setTimeout(() => {
    console.error(`${name}: expected to be done within ${minutes} minutes`);
    process.exit(1);
  }, minutes * 60_000);
}

async function main(): Promise<void> {
  const work = chosen
    .map((name) => ({ name, part: partNamed(name), rounds: roundsOf(partNamed(name)) }))
    .filter(({ rounds }) => rounds > 0);
  installPeers();
  compilePrograms();
  let isMet = true;
  for (const { name, part, rounds } of work) isMet = (await measurePart(name, part, rounds)) && isMet;
  if (options.strict && !isMet) process.exitCode = 1;
}

void main();
