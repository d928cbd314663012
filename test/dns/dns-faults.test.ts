import { describe, expect, vi } from 'vitest';
import type { Discovery } from '../../src/discovery/index.js';
import { dnsAddresses, dnsServices, type DnsOptions } from '../../src/dns/index.js';
import { ConnmanError, DiscoveryError } from '../../src/primitives/errors.js';
import { address, service, startResponder, type DnsResponder, type Reply } from '../support/dns-responder.js';
import { pass, withFakeTime } from '../support/fake-time.js';
import { until } from '../support/fixtures.js';
import { it, next, nextHosts } from './iterations.js';

const name = '_s._tcp.a.test';

interface Subject {
  readonly domain: string;
  readonly questions: readonly string[];
  readonly source: (dns: DnsResponder, options?: DnsOptions) => Discovery;
}

const subjects: Readonly<Record<string, Subject>> = {
  dnsAddresses: {
    domain: 'a.test',
    questions: ['A a.test', 'AAAA a.test'],
    source: (dns, options) => dnsAddresses('a.test', 80, { servers: [dns.server], ...options }),
  },
  dnsServices: {
    domain: name,
    questions: [`SRV ${name}`],
    source: (dns, options) => dnsServices(name, { servers: [dns.server], ...options }),
  },
};

const codes: readonly [reply: Reply, code: string][] = [
  ['SERVFAIL', 'ESERVFAIL'],
  ['REFUSED', 'EREFUSED'],
  ['NOTIMP', 'ENOTIMP'],
  ['NXDOMAIN', 'ENOTFOUND'],
  [[], 'ENODATA'],
  ['garbage', 'EBADRESP'],
];

function script(dns: DnsResponder, { questions }: Subject, reply: Reply): void {
  for (const question of questions) dns.on(question, reply);
}

describe.each(Object.entries(subjects))('%s', (_, subject) => {
  const { domain, questions, source } = subject;

  it.for(codes)('fails with its cause: %j is %s', async ([reply, code], { dns, open }) => {
    script(dns, subject, reply);
    const failed: unknown = await next(open(source(dns))).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(DiscoveryError);
    expect(failed).toBeInstanceOf(ConnmanError);
    expect(failed).toMatchObject({
      name: 'DiscoveryError',
      code: 'CONNMAN_DISCOVERY',
      domain,
      cause: { code },
    });
    expect(String(failed)).toMatch(
      new RegExp(`^DiscoveryError: the look-up of ${domain} failed: query.* ${code} `),
    );
  });

  it.for<Reply>(['silence', 'wrong id'])('settles by its deadline: %s', async (reply, { dns, open }) => {
    script(dns, subject, reply);
    await withFakeTime(async () => {
      let failed: unknown;
      const iteration = open(source(dns));
      void next(iteration).catch((error: unknown) => (failed = error));
      await until(() => dns.asked.length >= questions.length);
      await pass(4_999, 1_000);
      expect(failed).toBeUndefined();
      await pass(1, 1);
      await until(() => failed !== undefined);
      expect(failed).toMatchObject({
        code: 'CONNMAN_DISCOVERY',
        message: `the look-up of ${domain} failed: no answer within 5000 ms`,
        cause: { code: 'CONNMAN_TIMEOUT', timeout: 5_000 },
      });
    });
  });

  it('settles by its deadline in real time', async ({ dns, open }) => {
    script(dns, subject, 'silence');
    const begin = performance.now();
    await expect(next(open(source(dns, { timeout: 500 })))).rejects.toThrow('no answer within 500 ms');
    const took = performance.now() - begin;
    expect(took).toBeGreaterThan(490);
    expect(took).toBeLessThan(2_000);
    expect(dns.count(questions[0] ?? ''), 'it asks more than once').toBeGreaterThan(1);
  });

  it('return() ends an iteration in the middle of a look-up, at once', async ({ dns, open }) => {
    script(dns, subject, 'silence');
    const iteration = open(source(dns, { timeout: 600_000 }));
    const both = [iteration.next(), iteration.next()];
    await until(() => dns.asked.length >= questions.length);
    const begin = performance.now();
    const done = { done: true, value: undefined };
    expect(await iteration.return?.()).toEqual(done);
    expect(await Promise.all(both)).toEqual([done, done]);
    expect(await iteration.next()).toEqual(done);
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(dns.asked).toHaveLength(questions.length);
  });
});

describe('a resolver that cannot answer', () => {
  const from = ({ server }: DnsResponder, other: DnsResponder): Discovery =>
    dnsAddresses('a.test', 80, { servers: [server, other.server], family: 4 });

  it.for<Reply>(['SERVFAIL', 'REFUSED', 'NOTIMP'])('is passed over: %s', async (reply, { dns, open }) => {
    await using other = await startResponder();
    dns.on('A a.test', reply);
    other.addresses('a.test', '10.0.0.1');
    expect(await nextHosts(open(from(dns, other)))).toEqual(['10.0.0.1']);
    other.on('A a.test', 'NXDOMAIN');
    await expect(next(open(from(dns, other)))).rejects.toMatchObject({ cause: { code: 'ENOTFOUND' } });
    other.on('A a.test', 'SERVFAIL');
    await expect(next(open(from(dns, other)))).rejects.toThrow(`queryA E${reply as string} a.test`);
    expect([dns.asked.length, other.asked.length]).toEqual([3, 3]);
  });
});

it('an answer that is slow, but in time, is taken', async ({ dns, open }) => {
  dns.addresses('a.test').on('A a.test', async (ask) => {
    // By then, the question has been asked again: the first answer may be to the second one.
    await until(() => dns.count('A a.test') > 1);
    return [address('a.test', `10.0.0.${Math.min(ask, 1)}`)];
  });
  expect(
    await nextHosts(open(dnsAddresses('a.test', 80, { servers: [dns.server], timeout: 2_000 }))),
  ).toEqual(['10.0.0.1']);
});

it('the deadline is for the whole look-up, not for each of its questions', async ({ dns, open }) => {
  const targets = Array.from({ length: 100 }, (_, index) => `n${index}.a.test`);
  dns.on(
    `SRV ${name}`,
    targets.map((target) => service(name, target, 80)),
  );
  for (const target of targets) dns.on(`A ${target}`, 'silence').on(`AAAA ${target}`, 'silence');
  const begin = performance.now();
  const failed = next(open(dnsServices(name, { servers: [dns.server], timeout: 400 })));
  await expect(failed).rejects.toMatchObject({ code: 'CONNMAN_DISCOVERY', cause: { timeout: 400 } });
  expect(performance.now() - begin).toBeLessThan(2_000);
});

it('a resolver that nobody listens at is a failure like others', async ({ open }) => {
  const source = dnsAddresses('a.test', 80, { servers: ['127.0.0.1:1'] });
  await expect(next(open(source))).rejects.toMatchObject({
    code: 'CONNMAN_DISCOVERY',
    cause: { code: 'ECONNREFUSED' },
  });
});

it('return() ends an iteration that waits for the TTL, at once, and no look-up follows', async ({
  dns,
  open,
}) => {
  dns.addresses('a.test', '10.0.0.1');
  await withFakeTime(async () => {
    const iteration = open(dnsAddresses('a.test', 80, { servers: [dns.server] }));
    await next(iteration);
    const waiting = iteration.next();
    await pass(1_000, 1_000);
    expect(vi.getTimerCount()).toBe(1);
    await iteration.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(vi.getTimerCount()).toBe(0);
    await pass(100_000, 20_000);
  });
  expect(dns.asked).toHaveLength(2);
});

it('leaving a `for await` ends the iteration', async ({ dns }) => {
  dns.addresses('a.test', '10.0.0.1');
  for await (const snapshot of dnsAddresses('a.test', 80, { servers: [dns.server] })) {
    expect(snapshot).toHaveLength(1);
    break;
  }
  expect(dns.asked).toHaveLength(2);
});
