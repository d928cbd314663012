import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { printValues } from '../report.js';

const target = 60_000;

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

/** The size of the package that npm would publish; says whether the target is met. */
export async function size(): Promise<boolean> {
  console.log('Package, as npm packs it');
  // Without scripts: what has just been built and measured is what is packed.
  const output = execFileSync('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], {
    cwd: join(__dirname, '..', '..'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(output) as readonly Packed[];
  if (!packed) throw new Error('npm pack: expected one package, got none');
  return printValues([
    {
      name: `${packed.entryCount} files, ${kilobytes(packed.unpackedSize)} unpacked`,
      value: kilobytes(packed.size),
      target: `< ${kilobytes(target)}`,
      isMet: packed.size < target,
    },
  ]);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
