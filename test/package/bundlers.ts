import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build, transform } from 'esbuild';
import { basename, dirname } from 'node:path';
import { rollup, type Plugin } from 'rollup';
import webpack from 'webpack';

/** Makes one file of a program and of all that it imports. */
type Bundle = (entry: string, output: string) => Promise<unknown>;

const external = /^node:/;

function withEsbuild(format: 'cjs' | 'esm', minify: boolean): Bundle {
  return (entry, outfile) =>
    build({
      entryPoints: [entry],
      outfile,
      format,
      minify,
      bundle: true,
      platform: 'node',
      logLevel: 'silent',
    });
}

const minifier: Plugin = { name: 'minify', renderChunk: (code) => transform(code, { minify: true }) };

function withRollup(...more: Plugin[]): Bundle {
  return async (input, file) => {
    const bundle = await rollup({ input, external, plugins: [nodeResolve(), ...more] });
    await bundle.write({ file, format: 'es' });
    await bundle.close();
  };
}

function withWebpack(minimize: boolean): Bundle {
  return (entry, output) =>
    new Promise<void>((resolve, reject) => {
      const compiler = webpack({
        optimization: { minimize },
        mode: 'production',
        target: 'node20',
        entry,
        output: { path: dirname(output), filename: basename(output) },
      });
      compiler.run((error, stats) => {
        if (error) reject(error);
        else if (stats?.hasErrors()) reject(new Error(stats.toString()));
        else compiler.close(() => resolve());
      });
    });
}

interface Bundler {
  readonly name: string;
  readonly bundle: Bundle;
  /** What the name of a bundle ends in. */
  readonly output: string;
  readonly readsRequire: boolean;
  readonly isMinified: boolean;
}

const plain = { readsRequire: true, isMinified: false };
const minified = { readsRequire: true, isMinified: true };

export const bundlers: readonly Bundler[] = [
  { name: 'esbuild as ES', bundle: withEsbuild('esm', false), output: 'esbuild.mjs', ...plain },
  { name: 'esbuild as CommonJS', bundle: withEsbuild('cjs', false), output: 'esbuild.cjs', ...plain },
  {
    name: 'esbuild as minified ES',
    bundle: withEsbuild('esm', true),
    output: 'esbuild.min.mjs',
    ...minified,
  },
  {
    name: 'esbuild as minified CommonJS',
    bundle: withEsbuild('cjs', true),
    output: 'esbuild.min.cjs',
    ...minified,
  },
  { name: 'rollup', bundle: withRollup(), output: 'rollup.mjs', ...plain, readsRequire: false },
  {
    name: 'rollup, minified',
    bundle: withRollup(minifier),
    output: 'rollup.min.mjs',
    ...minified,
    readsRequire: false,
  },
  { name: 'webpack', bundle: withWebpack(false), output: 'webpack.cjs', ...plain },
  {
    name: 'webpack, minified',
    bundle: withWebpack(true),
    output: 'webpack.min.cjs',
    ...minified,
    readsRequire: false,
  },
];
