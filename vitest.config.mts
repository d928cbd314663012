import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { pagePlugin } from './scripts/page.mjs';
import { ringsOf, testFiles } from './test/support/rings.mjs';

const { unit, socket, soak } = ringsOf(testFiles());

/** The rings of tests: CONTRIBUTING.md says what belongs to which. */
export default defineConfig({
  // test/clients has a package.json of its own, so there the package cannot name itself.
  resolve: { alias: [{ find: /^connman$/, replacement: join(import.meta.dirname, 'dist/index.js') }] },
  plugins: [pagePlugin()],
  test: {
    pool: 'forks',
    // One more than there are cores: a third of the time, a test waits for a socket or a program.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // With --coverage: one figure.
    coverage: { provider: 'v8', reporter: ['text-summary'], include: ['src/**'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [...unit],
          setupFiles: ['test/support/no-sockets.ts'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'socket', include: [...socket], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'soak',
          include: [...soak],
          isolate: false,
          env: { CONNMAN_RING: 'soak' },
          testTimeout: 240_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
