import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The test files of each ring, as paths inside the repository. */
export interface Rings {
  /** No socket, no program: `no-sockets.ts` sees to that. */
  readonly unit: readonly string[];
  /** The behaviour, over real sockets; of what takes long a short form. */
  readonly socket: readonly string[];
  /** What takes long, at full length. */
  readonly soak: readonly string[];
}

const takesPlainTest = /^import \{[^}]*\b(?:it|test)\b(?! as)[^}]*\} from 'vitest';$/m;
const hasLongForm = /^import \{ perRing \} from /m;

/**
 * The imports of a file say to which ring it belongs. Who takes `it` or `test` from vitest itself needs no socket: unit.
 * Who takes it from `test/support/` gets servers and a manager: socket. Who imports `perRing` runs in the soak ring as well,
 * and a `*.soak.test.ts` runs nowhere else.
 */
export function ringsOf(files: Readonly<Record<string, string>>): Rings {
  const names = Object.keys(files);
  const soakOnly = names.filter((name) => name.endsWith('.soak.test.ts'));
  const others = names.filter((name) => !soakOnly.includes(name));
  const unit = others.filter((name) => takesPlainTest.test(files[name] ?? ''));
  return {
    unit,
    socket: others.filter((name) => !unit.includes(name)),
    soak: [...soakOnly, ...others.filter((name) => hasLongForm.test(files[name] ?? ''))],
  };
}

/** The texts of the test files that there are, but for those of the package, which have a configuration of their own. */
export function testFiles(): Record<string, string> {
  const root = join(import.meta.dirname, '..');
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.test.ts') && !/^package[./]|node_modules\//.test(name));
  return Object.fromEntries(names.map((name) => [`test/${name}`, readFileSync(join(root, name), 'utf8')]));
}
