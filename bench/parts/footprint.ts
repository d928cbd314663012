import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { say, table, type Finding } from '../findings.js';
import type { Part } from '../part.js';
import { peers } from '../keepers/index.js';
import { closureOf, sizeOf } from '../installed.js';
import { peersFolder } from '../peers.js';
import { interleave, spread } from '../ratios.js';
import { row, valueTable, withRange } from '../report.js';

const ownFolder = dirname(require.resolve('connman/package.json'));
/** The size is the one that test/package.test.ts allows. */
const targets = { packed: 140_000, importing: 20 };
const names = ['connman', ...peers];

/** What a package costs before it does anything. */
export const footprint: Part = {
  title: 'Footprint',
  rounds: 9,
  minutes: 3,
  quickRounds: 3,
  peers,
  async run(rounds) {
    const times = await interleave(names, rounds, async (name) => importTime(name));
    const importing = (name: string): string => withRange(spread(times(name)), 1);
    const own = packedSize(ownFolder);
    const median = spread(times('connman')).median;
    return [
      introduction,
      table(
        ['', 'packed, kB', 'installed, kB', 'dependencies', 'import, ms of CPU'],
        names.map((name) => row(name, sizes(name).concat(importing(name)))),
      ),
      valueTable([
        {
          name: 'packed',
          value: `${kilobytes(own)} kB`,
          target: `< ${kilobytes(targets.packed)} kB`,
          isMet: own < targets.packed,
        },
        {
          name: 'import, CPU',
          value: `${importing('connman')} ms`,
          target: `< ${targets.importing} ms`,
          isMet: median < targets.importing,
        },
      ]),
    ];
  },
};

const introduction: Finding = say(
  'The package as `npm pack` packs it, from what is built or installed here; what it takes on the disk with all that it depends on ' +
    '(without compiling anything), and how many packages that are; and the CPU of its first `require()` in a new process, which is the time that ' +
    'passes on a machine which does nothing else.',
);

function sizes(name: string): string[] {
  const folder = folderOf(name);
  const closure = closureOf(folder);
  // Of connman itself only what is packed is installed.
  const installed =
    name === 'connman' ? pack(folder).unpackedSize : closure.map(sizeOf).reduce((sum, size) => sum + size, 0);
  return [kilobytes(packedSize(folder)), kilobytes(installed), String(closure.length - 1)];
}

function folderOf(name: string): string {
  return name === 'connman' ? ownFolder : join(peersFolder, 'node_modules', name);
}

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
}

function packedSize(folder: string): number {
  return pack(folder).size;
}

function pack(folder: string): Packed {
  // Without scripts: what has just been built and measured is what is packed.
  const output = execFileSync('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(output) as readonly Packed[];
  if (packed) return packed;
  throw new Error('npm pack: expected one package, got none');
}

/** Milliseconds of CPU. */
function importTime(name: string): number {
  const code = `
    const before = process.cpuUsage();
    require(${JSON.stringify(name)});
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000);`;
  const cwd = name === 'connman' ? ownFolder : peersFolder;
  return Number(execFileSync(process.execPath, ['--no-warnings', '-e', code], { cwd, encoding: 'utf8' }));
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1);
}
