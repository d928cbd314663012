import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { explained, say, table, type Finding } from '../findings.js';
import type { Part } from '../part.js';
import { peers } from '../keepers/index.js';
import { closureOf, sizeOf } from '../installed.js';
import { peersFolder } from '../peers.js';
import { interleave, pairRatios, spread, type Spread } from '../ratios.js';
import { row, valueTable, withRange, type Value } from '../report.js';

const ownFolder = dirname(require.resolve('connman/package.json'));
/** The sizes are in bytes; `importing` is a multiple of what Node.js takes. */
const targets = { packed: 220_000, installed: 650_000, files: 4, importing: 4, backoff: 8_000 };
const names = ['connman', ...peers];
/** Node.js alone: those of its modules that connman loads. */
const node = 'Node.js';
const modulesOfNode = ['net', 'tls', 'dns', 'util', 'diagnostics_channel'];

/** What a package costs before it does anything. */
export const footprint: Part = {
  title: 'Footprint',
  rounds: 9,
  minutes: 3,
  quickRounds: 3,
  peers,
  async run(rounds) {
    const times = await interleave([node, ...names], rounds, async (name) => importTime(name));
    const importing = (name: string): string => withRange(spread(times(name)), 1);
    const sizeRow = (name: string): readonly string[] => row(name, [...sizes(name), importing(name)]);
    return [
      introduction,
      table(
        ['', 'packed, kB', 'installed, kB', 'dependencies', 'import, ms of CPU'],
        [...names.map(sizeRow), row(node, ['', '', '', importing(node)])],
      ),
      ...explained(
        valueTable([
          importValue(pairRatios(times('connman'), times(node))),
          countValue('files loaded by `require()`', filesLoaded(), targets.files),
          sizeValue('packed', pack(ownFolder).size, targets.packed),
          sizeValue('installed', pack(ownFolder).unpackedSize, targets.installed),
          sizeValue('`exponential` alone, bundled and minified', await backoffSize(), targets.backoff),
        ]),
        why,
      ),
    ];
  },
};

const introduction: Finding = say(
  'The package as `npm pack` packs it, from what is built or installed here; what it takes on the disk with all that it depends on ' +
    '(without compiling anything), and how many packages that are; and the CPU of its first `require()` in a new process, which is the time that ' +
    'passes on a machine which does nothing else. _Node.js_ is the same for the modules of Node.js that connman loads, and nothing else: ' +
    `${modulesOfNode.map((name) => `\`${name}\``).join(', ')}.`,
);

const why =
  'The code is in the package twice: CommonJS, which every Node.js, test runner and compiler loads, and ES modules for bundlers, which ' +
  'cut away what a program does not use. The documentation and the examples are in it as well.';

function importValue(ratios: Spread): Value {
  return {
    name: 'import, CPU / Node.js',
    value: withRange(ratios, 2),
    target: `≤ ${targets.importing}`,
    isMet: ratios.median <= targets.importing,
  };
}

function countValue(name: string, count: number, most: number): Value {
  return { name, value: String(count), target: `≤ ${most}`, isMet: count <= most };
}

function sizeValue(name: string, bytes: number, most: number): Value {
  return {
    name,
    value: `${kilobytes(bytes)} kB`,
    target: `≤ ${kilobytes(most)} kB`,
    isMet: bytes <= most,
  };
}

function sizes(name: string): string[] {
  const folder = folderOf(name);
  const closure = closureOf(folder);
  // Of connman itself only what is packed is installed.
  const installed =
    name === 'connman' ? pack(folder).unpackedSize : closure.map(sizeOf).reduce((sum, size) => sum + size, 0);
  return [kilobytes(pack(folder).size), kilobytes(installed), String(closure.length - 1)];
}

function folderOf(name: string): string {
  return name === 'connman' ? ownFolder : join(peersFolder, 'node_modules', name);
}

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
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
  const modules = name === node ? modulesOfNode : [name];
  const code = `
    const before = process.cpuUsage();
    for (const name of ${JSON.stringify(modules)}) require(name);
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000);`;
  return Number(evaluate(code, name === 'connman' || name === node ? ownFolder : peersFolder));
}

/** How many files of its own connman loads. */
function filesLoaded(): number {
  return Number(evaluate(`require('connman'); console.log(Object.keys(require.cache).length);`, ownFolder));
}

function evaluate(code: string, cwd: string): string {
  return execFileSync(process.execPath, ['--no-warnings', '-e', code], { cwd, encoding: 'utf8' });
}

/** Bytes of a bundle in which there is nothing but what a backoff needs. */
async function backoffSize(): Promise<number> {
  const contents = `import { exponential } from 'connman'; console.log(exponential());`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ownFolder },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  return outputFiles.reduce((sum, { contents: bytes }) => sum + bytes.length, 0);
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1);
}
