import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readManifest } from './peers.js';

/** The folders of an installed package and of all that it depends on, each once. */
export function closureOf(folder: string, seen: readonly string[] = []): readonly string[] {
  if (seen.includes(folder)) return seen;
  const { dependencies, optionalDependencies } = readManifest(join(folder, 'package.json'));
  return Object.keys({ ...dependencies, ...optionalDependencies })
    .map((name) => findFrom(folder, name))
    .filter((found) => found !== undefined)
    .reduce((all, found) => closureOf(found, all), [...seen, folder] as readonly string[]);
}

/** The bytes of the files of a package, without those of the packages inside of it. */
export function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sizeOf(path) : statSync(path).size;
    })
    .reduce((sum, size) => sum + size, 0);
}

/** Where Node.js would find a package that is asked for in a folder. */
function findFrom(folder: string, name: string): string | undefined {
  const found = join(folder, 'node_modules', name);
  if (existsSync(found)) return found;
  const parent = dirname(folder);
  return parent === folder ? undefined : findFrom(parent, name);
}
