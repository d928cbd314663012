import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifest } from './lenders/peers.js';

const folder = dirname(manifest);

/** Installs the peers, unless they are there; gives their names with their versions. */
export function installPeers(): readonly string[] {
  const { dependencies } = readManifest(manifest);
  const wanted = Object.entries(dependencies);
  if (!wanted.every(([name, version]) => versionThere(name) === version)) {
    console.log('Installing the peers\n');
    // None of them needs its install script.
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return wanted.map(([name]) => `${name} ${versionThere(name)}`);
}

function versionThere(name: string): string | undefined {
  const path = join(folder, 'node_modules', name, 'package.json');
  return existsSync(path) ? readManifest(path).version : undefined;
}

function readManifest(path: string): { version: string; dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(path, 'utf8')) as ReturnType<typeof readManifest>;
}
