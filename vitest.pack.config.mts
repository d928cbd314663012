import { defineConfig } from 'vitest/config';

/** `npm run pack:check`: the packed tarball, as users get it. */
// oxlint-disable-next-line import/no-default-export -- vitest reads it
export default defineConfig({
  test: {
    include: ['test/package.test.ts', 'test/package/*.test.ts'],
    pool: 'forks',
    maxWorkers: '100%',
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
