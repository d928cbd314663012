import { describe, expect } from 'vitest';
import { kubernetes, type KubernetesOptions } from '../../examples/discovery/kubernetes.js';
import type { DiscoverySource } from '../../src/index.js';
import { until } from '../support/fixtures.js';
import { it as plainIt } from '../support/heard-source.js';
import { KubernetesServer } from './kubernetes-server.js';

interface Fixture {
  api: KubernetesServer;
  follow: (options?: Partial<KubernetesOptions>) => DiscoverySource;
}

const it = plainIt.extend<Fixture>({
  // oxlint-disable-next-line no-empty-pattern
  api: async ({}, use) => {
    await using api = await new KubernetesServer().listen();
    await use(api);
  },
  follow: async ({ api }, use) => {
    const own = { service: 'cache', port: 'tcp', server: api.url, account: api.account };
    await use((options = {}) => kubernetes({ ...own, ...options }));
  },
});

describe('kubernetes.ts', () => {
  it('lists the ready endpoints of all slices, once each, those of its zone first', async ({
    api,
    follow,
    hear,
  }) => {
    api.put('cache-1', [
      { addresses: ['10.0.0.1'], zone: 'a', ready: true },
      { addresses: ['10.0.0.2'], zone: 'b' },
      { addresses: ['10.0.0.3'], zone: 'a', ready: false },
    ]);
    api.put('cache-2', [{ addresses: ['10.0.0.1'], zone: 'a' }, { addresses: ['10.0.0.4'] }]);
    const heard = hear(follow({ zone: 'a' }));
    await until(() => heard.snapshots.length === 1);
    const at = (host: string, priority: number): object => ({ host, port: 11_211, priority });
    expect(heard.endpoints).toEqual([at('10.0.0.1', 0), at('10.0.0.2', 1), at('10.0.0.4', 1)]);
    const byNumber = hear(follow({ port: 9_100 }));
    await until(() => byNumber.snapshots.length === 1);
    expect(byNumber.endpoints[0]).toEqual({ host: '10.0.0.1', port: 9_100, priority: 0 });
  });

  it('watches: added, modified, deleted; and goes on from a bookmark when a watch ends', async ({
    api,
    follow,
    hear,
  }) => {
    api.put('cache-1', [{ addresses: ['10.0.0.1'] }]);
    const heard = hear(follow());
    await until(() => api.asked.length === 2);
    api.put('cache-2', [{ addresses: ['10.0.0.2'] }]);
    await until(() => heard.snapshots.length === 2);
    api.put('cache-2', [{ addresses: ['10.0.0.2'], ready: false }]);
    await until(() => heard.snapshots.length === 3);
    api.put('cache-3', [{ addresses: ['10.0.0.3'] }]);
    api.remove('cache-1');
    await until(() => heard.snapshots.at(-1) === '10.0.0.3');
    api.bookmark();
    api.endWatches();
    await until(() => api.asked.length === 3);
    expect(api.asked).toEqual(['list', 'watch 101', 'watch 205']);
    expect([heard.failures, heard.error]).toEqual([[], undefined]);
  });

  it.for(['an event', 'an answer'])(
    'lists anew when what came next is gone: 410 as %s',
    async (as, { api, follow, hear }) => {
      api.put('cache-1', [{ addresses: ['10.0.0.1'] }]);
      const heard = hear(follow());
      await until(() => api.asked.length === 2);
      api.put('cache-1', [{ addresses: ['10.0.0.2'] }]);
      await until(() => heard.snapshots.length === 2);
      if (as === 'an answer') {
        api.endWatches();
        api.compact();
      } else api.endWatches(410);
      await until(() => api.asked.filter((each) => each === 'list').length === 2);
      expect([heard.failures, heard.error]).toEqual([[], undefined]);
    },
  );

  it.for(['too old', 'ends'] as const)(
    'asks four times a second where every watch %s',
    async (fault, { api, follow, hear }) => {
      api.put('cache-1', [{ addresses: ['10.0.0.1'] }]);
      api.fault = fault;
      const begin = performance.now();
      const heard = hear(follow());
      await until(() => api.asked.length > 2);
      expect(performance.now() - begin).toBeGreaterThan(225);
      expect([heard.failures, heard.error]).toEqual([[], undefined]);
    },
  );

  it('reads the token anew, and shows none that is refused', async ({ api, follow, hear }) => {
    api.put('cache-1', [{ addresses: ['10.0.0.1'] }]);
    const heard = hear(follow());
    await until(() => api.asked.length === 2);
    api.rotateToken('second');
    api.endWatches();
    await until(() => api.asked.length === 3);
    api.forgeToken('secret');
    const refused = hear(follow());
    await until(() => refused.error !== undefined);
    expect(String(refused.error)).toBe('Error: Kubernetes: 401 for the EndpointSlices of shop/cache');
    expect(heard.error).toBeUndefined();
  });
});
