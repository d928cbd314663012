import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifest } from './lenders/peers.js';

/** Where the peers are installed. */
export const peersFolder: string = dirname(manifest);

interface Manifest {
  readonly version: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

/** Installs the peers, and what draws the plots, unless they are there. */
export function installPeers(): void {
  const { dependencies, devDependencies } = readManifest(manifest);
  const wanted = Object.entries({ ...dependencies, ...devDependencies });
  if (wanted.every(([name, version]) => version.endsWith(versionOf(name) ?? 'nothing'))) return;
  console.log('Installing the peers\n');
  // None of them needs its install script.
  execFileSync('npm', ['ci', '--ignore-scripts'], {
    cwd: peersFolder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The version of a peer that is installed, if it is. */
export function versionOf(name: string): string | undefined {
  const path = join(peersFolder, 'node_modules', name, 'package.json');
  return existsSync(path) ? readManifest(path).version : undefined;
}

/** The version of connman itself; where there is a repository also the commit, with a `+` if the sources are not those of it. */
export function ownVersion(): string {
  const path = require.resolve('connman/package.json');
  const { version } = readManifest(path);
  const commit = git(dirname(path), 'rev-parse', '--short', 'HEAD');
  if (!commit) return version;
  return `${version} (${commit}${git(dirname(path), 'status', '--porcelain', 'src', 'bench') ? '+' : ''})`;
}

/** What git answers in a folder; nothing if it cannot. */
function git(folder: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** What a package.json says. */
export function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
}
