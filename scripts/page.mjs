// Puts the page of `connman/monitor` into `src/monitor/page/assets.ts`, for the build and for the tests of the sources: its script
// is bundled, its style and its text are made small.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, transform } from 'esbuild';

/** What the page may run on: browsers of the last years. */
const target = 'es2022';

async function assetsOf(folder) {
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'main.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target,
    charset: 'utf8',
    logLevel: 'silent',
  });
  const script = outputFiles[0].text.trim();
  const { code } = await transform(readFileSync(join(folder, 'page.css'), 'utf8'), {
    loader: 'css',
    minify: true,
  });
  const style = code.trim();
  const html = readFileSync(join(folder, 'page.html'), 'utf8')
    .replaceAll(/>\s+</g, '><')
    .trim()
    .replace('<style></style>', () => `<style>${style}</style>`)
    .replace('<script></script>', () => `<script>${script}</script>`);
  return { html, script, style };
}

/**
 * A plugin for Rolldown and Vite. The script and the style are parts of the text: they are cut out of it when it is loaded,
 * rather than kept twice.
 */
export function pagePlugin() {
  return {
    name: 'page',
    async load(id) {
      const file = id.split('?', 1)[0].replaceAll('\\', '/');
      if (!file.endsWith('/src/monitor/page/assets.ts')) return undefined;
      const { html, script, style } = await assetsOf(dirname(file));
      const cut = (text) => `html.slice(${html.indexOf(text)}, ${html.indexOf(text) + text.length})`;
      return `const html = ${JSON.stringify(html)};
        export const assets = { html, script: ${cut(script)}, style: ${cut(style)} };`;
    },
  };
}
