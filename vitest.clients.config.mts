import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

/** `npm run clients`: protocol clients that only `test/clients/package.json` installs. */
// oxlint-disable-next-line import/no-default-export -- vitest reads it
export default defineConfig({
  resolve: { alias: [{ find: /^connman$/, replacement: join(root, 'dist/index.js') }] },
  plugins: [
    {
      name: 'the clients of the examples',
      enforce: 'pre',
      resolveId(id, importer) {
        const isExample = importer?.startsWith(join(root, 'examples/clients/'));
        if (!isExample || !/^\w/.test(id)) return undefined;
        return this.resolve(id, join(root, 'test/clients/package.json'), { skipSelf: true });
      },
    },
  ],
  test: {
    include: ['test/clients/trials/{run.mjs,examples.ts}'],
    pool: 'forks',
    testTimeout: 60_000,
  },
});
