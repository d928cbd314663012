import { describe, expect } from 'vitest';
import { until } from '../support/fixtures.js';
import { HastyServer } from '../support/hasty-server.js';
import { it } from './example.js';

// Windows has no signals: there, each of them is the end of the process.
describe.skipIf(process.platform === 'win32')('the example graceful-stop.ts', () => {
  it.for(['SIGTERM', 'Ctrl-C'])(
    'loses no request when %s stops it, and exits by itself',
    async (how, { start }) => {
      const server = await new HastyServer(60).start();
      const example = start('graceful-stop.ts', server.endpoint.port);
      await example.until('running');
      await until(() => server.answered >= 50);
      if (how === 'SIGTERM') example.terminate();
      else example.interrupt();
      expect(await example.exit).toBe(0);
      const [, pending, sent, answered, lost] =
        /stopped with (\d+) pending: \{"sent":(\d+),"answered":(\d+),"lost":(\d+)\}/.exec(example.output) ??
        [];
      expect([answered, lost]).toEqual([sent, '0']);
      expect(Number(pending)).toBeGreaterThan(0);
      expect(example.complaints).toBe('');
      await server.close();
    },
  );
});
