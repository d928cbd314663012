// Builds `dist/`, or the folder named on the command line, from `src/`, unless it is newer; without checking types, which
// `npm run types` does:
//
//   <entry>.js     what Node.js loads: a CommonJS file for each entry, and shared.js with all that several of them need
//   pools.js       what pools are made of: the first createPool() loads it, since compiling it is a third of an import
//   <entry>.d.ts   its types, without internals; types of the main entry are imported from there
//   cli/index.js   the command: what it needs of the library it requires from the files above
//   esm/           what bundlers read: ES modules, so cut that a bundle takes in no more than it uses
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { isolatedDeclarationSync } from 'rolldown/experimental';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { pagePlugin } from './page.mjs';
import { plainText, poolsLater, typesApart } from './build-plugins.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');
const output = resolve(process.argv[2] ?? join(root, 'dist'));

/** An entry in `dist/`, and where it is in `src/`. */
const entries = {
  index: 'index',
  'discovery/index': 'sources',
  'metrics/index': 'metrics/index',
  'monitor/index': 'monitor/index',
  'prelude/index': 'prelude/index',
  'testing/index': 'testing/index',
};
/** The folders of an entry: what they import from elsewhere is a type of the main entry. */
const folders = {
  'discovery/index': ['dns', 'registries'],
  'metrics/index': ['metrics'],
  'monitor/index': ['monitor'],
  'prelude/index': ['prelude'],
  'testing/index': ['testing'],
};
const external = /^node:/;

function entriesIn(folder, extension) {
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [name, join(folder, `${entry}${extension}`)]),
  );
}

function fail({ message }) {
  throw new Error(message);
}

/**
 * Where a bundler is to find what. It leaves out a module of which nothing is used, but of the others it keeps all that might
 * have an effect: index.mjs has therefore no code of its own, and values.mjs what makes sense without a connection.
 */
const groups = [
  { name: 'shared', test: /[\\/](primitives|discovery|resolver)[\\/]/, minShareCount: 2, priority: 3 },
  { name: 'values', test: /[\\/](backoff|balance)[\\/]/, priority: 2 },
  {
    name: 'core',
    test: (id) =>
      !/^(index\.ts|sources\.ts|discovery.source-of|dns|registries|metrics|monitor|prelude|testing)/.test(
        relative(source, id),
      ),
    priority: 1,
  },
];

/** For Node.js the pools are apart as well: {@link poolsLater}. */
const apart = {
  includeDependenciesRecursively: false,
  groups: [
    ...groups,
    {
      name: 'pools',
      test: (id) => /^(pool.(?!members.drain-options)|telemetry.(pool|lease)-)/.test(relative(source, id)),
      priority: 2,
    },
  ],
};

/** Only functions and classes keep their names, and errors and stacks with them: bundlers make the rest small in any case. */
const minify = { compress: true, mangle: { toplevel: true, keepNames: true } };

/** What the monitor takes of the main entry at run time stays there, so that no other entry loads all of it. */
const mainApart = {
  name: 'main-apart',
  resolveId(id, importer) {
    const isMain = importer && id.startsWith('.') && join(dirname(importer), id) === join(source, 'index.js');
    return isMain ? { id: '../index.mjs', external: 'relative' } : undefined;
  },
};

/** Writes the ES modules; returns them in a form for {@link buildScripts}. */
async function buildModules() {
  const bundle = await rolldown({
    input: entriesIn(source, '.ts'),
    platform: 'node',
    external,
    plugins: [mainApart, pagePlugin()],
    // What {@link apart} demands; nothing is added to an entry.
    preserveEntrySignatures: 'allow-extension',
    tsconfig: join(root, 'tsconfig.json'),
    experimental: { attachDebugInfo: 'none' },
    // How long a plugin takes says nothing of the build.
    checks: { pluginTimings: false },
    onLog: (_level, log) => fail(log),
  });
  const options = {
    format: 'es',
    comments: { annotation: true, jsdoc: false, legal: false },
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name].mjs',
    minifyInternalExports: false,
    codeSplitting: { groups },
  };
  await bundle.write({ ...options, dir: join(output, 'esm'), minify });
  const { output: modules } = await bundle.generate({ ...options, codeSplitting: apart });
  await bundle.close();
  return new Map(modules.map(({ fileName, code }) => [join(source, fileName), code]));
}

/**
 * Writes the CommonJS files; returns what each exports. Not with Rolldown: there, one file reads what it has from another
 * through a getter, each time.
 */
async function buildScripts(modules) {
  const inMemory = {
    name: 'in-memory',
    resolveId: (id, importer) => {
      if (external.test(id)) return undefined;
      if (importer && id === '../index.mjs') return { id: '../index.js', external: 'relative' };
      return join(importer ? dirname(importer) : source, id);
    },
    load: (id) => modules.get(id),
  };
  const input = Object.fromEntries([...Object.keys(entries), 'pools'].map((name) => [name, `${name}.mjs`]));
  const bundle = await rollup({ input, external, plugins: [poolsLater, inMemory], onwarn: fail });
  const { output: files } = await bundle.write({
    dir: output,
    format: 'cjs',
    esModule: true,
    chunkFileNames: '[name].js',
    hoistTransitiveImports: false,
    // One file more would have to be loaded.
    manualChunks: { shared: ['shared.mjs', 'core.mjs', 'values.mjs'] },
    plugins: [plainText],
  });
  await bundle.close();
  return new Map(files.map(({ name, exports }) => [name, exports]));
}

async function buildDeclarations(exportsOf) {
  const folder = join(output, 'declarations');
  writeDeclarations(folder);
  for (const [name, file] of Object.entries(entriesIn(folder, '.d.ts'))) {
    const plugins = [dts(), typesApart(exportsOf.get(name))];
    if (name !== 'index') plugins.unshift(declaredByMain(folders[name].map((each) => join(folder, each))));
    const bundle = await rollup({ input: { [name]: file }, external, plugins, onwarn: fail });
    await bundle.write({ dir: output, format: 'es', entryFileNames: '[name].d.ts' });
    await bundle.close();
  }
  rmSync(folder, { recursive: true });
}

/** What `tsc --declaration --isolatedDeclarations --stripInternal` does, in a tenth of the time. */
function writeDeclarations(folder) {
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    // Nobody imports the command, nor what runs in a browser.
    const isPage = name.startsWith(`monitor${sep}page${sep}`) && !name.endsWith('assets.ts');
    if (!name.endsWith('.ts') || name.startsWith(`cli${sep}`) || isPage) continue;
    const text = readFileSync(join(source, name), 'utf8');
    const { code, errors } = isolatedDeclarationSync(name, text, { stripInternal: true });
    for (const error of errors) fail({ message: `${name}: ${error.message}` });
    const target = join(folder, name.replace(/\.ts$/, '.d.ts'));
    mkdirSync(dirname(target), { recursive: true });
    // The stars of a comment one below the other.
    writeFileSync(target, code.replace(/^(\s*)\*/gm, '$1 *'));
  }
}

/** Lets what an entry takes from outside of its folders be a type of the main entry. */
function declaredByMain(own) {
  return {
    name: 'declared-by-main',
    resolveId(id, importer) {
      if (!importer || !id.startsWith('.')) return undefined;
      if (own.some((folder) => join(dirname(importer), id).startsWith(`${folder}${sep}`))) return undefined;
      return { id: '../index.js', external: 'relative' };
    },
  };
}

/** Writes the command. Only the modules of the library that it shares with no entry, such as the clock, become a part of it. */
async function buildCommand() {
  const library = Object.values(entriesIn(source, '.ts'));
  const required = {
    name: 'required',
    resolveId(id, importer) {
      const file = importer && id.startsWith('.') && join(dirname(importer), id.replace(/\.js$/, '.ts'));
      const index = library.indexOf(file);
      if (index < 0) return undefined;
      return { id: `../${Object.keys(entries)[index]}.js`, external: 'relative' };
    },
  };
  const bundle = await rolldown({
    input: { 'cli/index': join(source, 'cli', 'index.ts') },
    platform: 'node',
    external,
    plugins: [required],
    tsconfig: join(root, 'tsconfig.json'),
    experimental: { attachDebugInfo: 'none' },
    // How long a plugin takes says nothing of the build.
    checks: { pluginTimings: false },
    onLog: (_level, log) => fail(log),
  });
  await bundle.write({
    dir: output,
    format: 'cjs',
    banner: "#!/usr/bin/env node\n'use strict';",
    // Nobody reads it: what can be read is the library.
    minify: true,
    entryFileNames: '[name].js',
  });
  await bundle.close();
  chmodSync(join(output, 'cli', 'index.js'), 0o755);
}

/** Whether the last file that is written is newer than all that it is made from. */
function isUpToDate() {
  const made = statSync(join(output, 'cli', 'index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const inputs = [
    'scripts/build.mjs',
    'scripts/page.mjs',
    'scripts/build-plugins.mjs',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'src',
  ];
  const inside = readdirSync(source, { recursive: true, encoding: 'utf8' }).map((name) => join('src', name));
  return [...inputs, ...inside].every((name) => statSync(join(root, name)).mtimeMs < made);
}

if (!isUpToDate()) {
  rmSync(output, { recursive: true, force: true });
  await buildDeclarations(await buildScripts(await buildModules()));
  await buildCommand();
}
