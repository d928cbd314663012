import type { DiscoveredEndpoint, Discovery } from '../../src/discovery/index.js';
import { startResponder, type DnsResponder } from '../support/dns-responder.js';
import { it as plainIt } from '../support/heard-source.js';

type Iteration = AsyncIterator<readonly DiscoveredEndpoint[]>;

interface DiscoveryFixtures {
  /** A DNS server that answers as it is told; gone after the test. */
  dns: DnsResponder;
  /** Begins an iteration, which ends with the test. */
  open: (source: Discovery) => Iteration;
}

/** `it` with a DNS server, and with iterations that end. */
export const it = plainIt.extend<DiscoveryFixtures>({
  // oxlint-disable-next-line no-empty-pattern
  dns: async ({}, use) => {
    await using dns = await startResponder();
    await use(dns);
  },
  // oxlint-disable-next-line no-empty-pattern
  open: async ({}, use) => {
    const iterations: Iteration[] = [];
    await use((source) => {
      const iteration = source[Symbol.asyncIterator]();
      iterations.push(iteration);
      return iteration;
    });
    for (const iteration of iterations) await iteration.return?.();
  },
});

/** The next snapshot of an iteration that goes on. */
export async function next(iteration: Iteration): Promise<readonly DiscoveredEndpoint[]> {
  const { done, value } = await iteration.next();
  if (done) throw new Error('the iteration has ended');
  return value;
}

/** The hosts in the next snapshot. */
export async function nextHosts(iteration: Iteration): Promise<unknown[]> {
  return (await next(iteration)).map(({ host }) => host);
}
