import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';

const root = __dirname;
const output = join(root, 'dist');
const sources = ['bare.ts', 'subjects.ts', ...['keepers', 'lenders', 'programs'].flatMap(sourcesIn)];

function sourcesIn(folder: string): string[] {
  return readdirSync(join(root, folder)).map((name) => join(folder, name));
}

/**
 * Compiles the programs that are measured into `bench/dist`, the way the library is compiled. With tsx they would
 * start slowly, and its compiler wraps functions, which costs memory.
 */
export function compilePrograms(): void {
  const compilerOptions = { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 };
  for (const source of sources) {
    const target = join(output, source.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(
      target,
      transpileModule(readFileSync(join(root, source), 'utf8'), { compilerOptions }).outputText,
    );
  }
}

/** Where {@link compilePrograms} puts the program of that name. */
export function programPath(name: string): string {
  return join(output, 'programs', `${name}.js`);
}
