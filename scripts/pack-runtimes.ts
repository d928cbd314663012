// Runs on Bun and Deno, which npm fetches, what `npm run pack:check` runs on Node.js: the same programs over the packed package.
import { isDeepStrictEqual } from 'node:util';
import { importedLife, programs, securedPool, type PackageProgram } from '../test/package/programs.js';
import { certificates } from '../test/support/certificates.js';
import { run, ScratchProject } from '../test/support/scratch-project.js';

interface Runtime {
  readonly name: string;
  /** The package of the registry that has it, in this version. */
  readonly package: string;
  readonly run: readonly string[];
  /** Makes one file of a program, where it can. */
  readonly bundle?: (file: string, output: string) => readonly string[];
}

const runtimes: readonly Runtime[] = [
  {
    name: 'bun',
    package: 'bun@1.4.5',
    run: ['run'],
    bundle: (file, output) => ['build', file, '--target=bun', `--outfile=${output}`, '--minify'],
  },
  {
    name: 'deno',
    package: 'deno@2.9.6',
    run: ['run', '--allow-all', '--node-modules-dir=manual'],
    bundle: (file, output) => ['bundle', '--node-modules-dir=manual', '--minify', '-o', output, file],
  },
];

/** Says how a program went. */
async function outcome({ expected }: PackageProgram, print: Promise<string>): Promise<string> {
  try {
    const printed = await print;
    const actual: unknown = JSON.parse(printed);
    if (isDeepStrictEqual(actual, expected)) return 'ok';
    process.exitCode = 1;
    return `FAILED: expected ${JSON.stringify(expected)}, got ${printed}`;
  } catch (error) {
    process.exitCode = 1;
    return `FAILED: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function tryRuntime(runtime: Runtime): Promise<void> {
  const project = new ScratchProject();
  const tools = new ScratchProject();
  const bundles = new ScratchProject();
  try {
    await tools.npmInstall(runtime.package);
    await project.install(await tools.pack());
    const path = tools.path('node_modules', '.bin', runtime.name);
    const start = (folder: string, ...args: string[]): Promise<string> => run(path, args, folder);
    const version = await start(project.folder, '--version');
    console.log(`${runtime.name} ${/\d[\d.]+/.exec(version)?.[0]}`);
    const secured = securedPool(await certificates());
    for (const program of [...programs, secured]) {
      project.write(program.file, program.text);
      const result = await outcome(program, start(project.folder, ...runtime.run, program.file));
      console.log(`  ${program.title}: ${result}`);
    }
    if (!runtime.bundle) return;
    for (const program of [importedLife, secured]) {
      const output = bundles.path(program.file);
      const bundled = start(project.folder, ...runtime.bundle(program.file, output));
      const result = bundled.then(() => start(bundles.folder, ...runtime.run, output));
      console.log(`  ${program.title}, bundled: ${await outcome(program, result)}`);
    }
  } finally {
    for (const each of [project, tools, bundles]) each.remove();
  }
}

async function main(): Promise<void> {
  for (const runtime of runtimes) await tryRuntime(runtime);
}

void main();
