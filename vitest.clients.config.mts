import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** `npm run clients`: protocol clients that only `test/clients/package.json` installs. */
// oxlint-disable-next-line import/no-default-export -- vitest reads it
export default defineConfig({
  resolve: { alias: [{ find: /^connman$/, replacement: join(import.meta.dirname, 'dist/index.js') }] },
  test: {
    include: ['test/clients/trials/run.mjs'],
    pool: 'forks',
    testTimeout: 60_000,
  },
});
