import { etcdEndpoints } from '../../examples/discovery/etcd.js';
import { it as plainIt } from '../support/fixtures.js';

/** Follows a source: what it says next, as `host:port` of each endpoint. */
export interface Follower {
  readonly next: () => Promise<readonly string[]>;
  readonly stop: AbortController;
  /** What `break` does in a loop over it. */
  readonly leave: () => Promise<unknown>;
}

/** Follows what is under `/cache/` in the etcd of a URL. */
export type Follow = (url: string, refresh?: number) => Follower;

/** `it` with `follow`, whose followers are stopped after the test. */
export const it = plainIt.extend<{ follow: Follow }>({
  // oxlint-disable-next-line no-empty-pattern
  follow: async ({}, use) => {
    const stops: AbortController[] = [];
    await use((url, refresh) => {
      const stop = new AbortController();
      stops.push(stop);
      const iteration = etcdEndpoints(url, '/cache/', refresh)(stop.signal);
      const next = async (): Promise<readonly string[]> => {
        const { value } = await iteration.next();
        return value.map(({ host, port }) => `${host}:${port}`).toSorted();
      };
      return { next, stop, leave: () => iteration.return(undefined as never) };
    });
    for (const stop of stops) stop.abort();
  },
});
