import { describe, expect } from 'vitest';
import { redisSentinel, type RedisSentinelOptions } from '../../src/registries/index.js';
import { until } from '../support/fixtures.js';
import { it as plainIt } from '../support/heard-source.js';
import { expectOptionErrors } from '../support/refusal.js';
import { SentinelServer } from './sentinel-server.js';

/** Three Sentinels that are pretended; the first is asked first. */
const it = plainIt.extend<{ sentinels: readonly [SentinelServer, SentinelServer, SentinelServer] }>({
  // oxlint-disable-next-line no-empty-pattern
  sentinels: async ({}, use) => {
    await using one = await new SentinelServer().listen();
    await using two = await new SentinelServer().listen();
    await using three = await new SentinelServer().listen();
    for (const each of [one, two, three]) each.primary = { ip: '10.0.0.1', port: 6379, epoch: 1 };
    await use([one, two, three]);
  },
});

function options(
  sentinels: readonly SentinelServer[],
  more: Partial<RedisSentinelOptions> = {},
): RedisSentinelOptions {
  return { name: 'shop', sentinels: sentinels.map(({ address }) => address), ...more };
}

describe('redisSentinel()', () => {
  const replicas = [
    { ip: '10.0.0.3', port: 6379, flags: 'slave' },
    { ip: '10.0.0.2', port: 6379, flags: 'slave' },
    { ip: '10.0.0.4', port: 6379, flags: 's_down,slave,disconnected' },
  ];
  const at = (host: string, priority?: number): object =>
    priority === undefined ? { host, port: 6379 } : { host, port: 6379, priority };
  it.for([
    ['primary', [at('10.0.0.1')]],
    ['replica', [at('10.0.0.2'), at('10.0.0.3'), at('10.0.0.1', 1)]],
    ['any', [at('10.0.0.1'), at('10.0.0.2'), at('10.0.0.3')]],
  ] as const)('gives the endpoints of the role %s', async ([role, endpoints], { sentinels, hear }) => {
    sentinels[0].replicas = replicas;
    const heard = hear(redisSentinel(options(sentinels, { role })));
    await until(() => heard.reports.length === 1);
    expect(heard.endpoints).toEqual(endpoints);
    expect(heard.reports).toEqual([{ sentinel: sentinels[0].address, replicas: 3, epoch: 1 }]);
  });

  it('asks again at an event of its primary, and at no other', async ({ sentinels, hear }) => {
    const [one] = sentinels;
    const heard = hear(redisSentinel(options(sentinels)));
    await until(() => heard.snapshots.length === 1);
    one.tell('+sdown', 'master other 10.0.0.9 6379');
    one.primary = { ip: '10.0.0.2', port: 6379, epoch: 2 };
    one.tell('+switch-master', 'shop 10.0.0.1 6379 10.0.0.2 6379');
    await until(() => heard.snapshots.length === 2);
    expect(heard.snapshots).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(one.asked).toHaveLength(6);
  });

  it('gives the new primary while the Sentinel that leads the fail-over still calls it a replica', async ({
    sentinels,
    hear,
  }) => {
    const [one] = sentinels;
    one.replicas = replicas;
    const heard = (['primary', 'replica', 'any'] as const).map((role) =>
      hear(redisSentinel(options(sentinels, { role }))),
    );
    await until(() => heard.every(({ snapshots }) => snapshots.length === 1));
    [one.promoted] = replicas;
    one.tell('+promoted-slave', 'slave 10.0.0.3:6379 10.0.0.3 6379 @ shop 10.0.0.1 6379');
    await until(() => heard.every(({ snapshots }) => snapshots.length === 2));
    expect(heard.map(({ endpoints }) => endpoints)).toEqual([
      [at('10.0.0.3')],
      [at('10.0.0.2'), at('10.0.0.3', 1)],
      [at('10.0.0.3'), at('10.0.0.2')],
    ]);
  });

  it('asks again from time to time, and when it is in doubt', async ({ sentinels, hear }) => {
    const heard = hear(redisSentinel(options(sentinels, { refresh: 5 })));
    await until(() => heard.confirmed > 1);
    const late = hear(redisSentinel(options(sentinels)));
    await until(() => late.snapshots.length === 1);
    late.ask('refresh');
    await until(() => late.confirmed === 1);
    expect([heard.snapshots, late.snapshots]).toEqual([['10.0.0.1'], ['10.0.0.1']]);
  });

  it('goes to the next Sentinel when one ends, is silent, or does not know the primary', async ({
    sentinels,
    hear,
  }) => {
    const [one, two, three] = sentinels;
    one.primary = undefined;
    const heard = hear(redisSentinel(options(sentinels, { timeout: 300 })));
    await until(() => heard.snapshots.length === 1);
    expect(heard.reports).toEqual([{ sentinel: two.address, replicas: 0, epoch: 1 }]);
    two.isSilent = true;
    two.tell('+reboot', 'master shop 10.0.0.1 6379');
    await until(() => heard.reports.length === 2);
    expect(heard.reports[1]).toMatchObject({ sentinel: three.address });
    one.primary = two.primary;
    await three[Symbol.asyncDispose]();
    await until(() => heard.reports.length > 2);
    expect(heard.reports.at(-1)).toMatchObject({ sentinel: one.address });
    expect(heard.error).toBeUndefined();
  });

  it('goes to the next when one is no Sentinel, or has no address', async ({ sentinels, hear }) => {
    const [one, two, three] = sentinels;
    one.rubbish = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    two.primary = { ip: '', port: 0, epoch: 1 };
    three.replicas = [
      { ip: '?', port: 0 },
      { ip: '10.0.0.2', port: 6379 },
    ];
    const heard = hear(redisSentinel(options(sentinels, { role: 'any' })));
    await until(() => heard.reports.length === 1);
    expect(heard.snapshots).toEqual(['10.0.0.1 10.0.0.2']);
    expect(heard.reports[0]).toMatchObject({ sentinel: three.address });
    const alone = hear(redisSentinel(options([one])));
    await until(() => alone.error !== undefined);
    expect(String(alone.error)).toContain('the answer is not in the protocol of Redis');
    three.rubbish = one.rubbish;
    three.tell('+sdown', 'master shop 10.0.0.1 6379');
    two.primary = { ip: '10.0.0.3', port: 6379, epoch: 1 };
    await until(() => heard.snapshots.length === 2);
    expect(heard.snapshots[1]).toBe('10.0.0.3');
  });

  it('does not go back to an old primary that another Sentinel still names', async ({ sentinels, hear }) => {
    const [one, two, three] = sentinels;
    one.primary = { ip: '10.0.0.2', port: 6379, epoch: 7 };
    three.primary = { ip: '10.0.0.3', port: 6379, epoch: 8 };
    const source = redisSentinel(options(sentinels));
    const heard = hear(source);
    await until(() => heard.snapshots.length === 1);
    await one[Symbol.asyncDispose]();
    await until(() => heard.snapshots.length === 2);
    expect(heard.snapshots).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(two.asked.length).toBeGreaterThan(0);
    const next = hear(source);
    await until(() => next.snapshots.length === 1);
    expect(next.snapshots).toEqual(['10.0.0.3']);
  });

  it('believes Sentinels that have all been set up anew', async ({ sentinels, hear }) => {
    const source = redisSentinel(options(sentinels));
    const heard = hear(source);
    await until(() => heard.snapshots.length === 1);
    for (const each of sentinels) each.primary = { ip: '10.0.0.9', port: 6379, epoch: 0 };
    heard.ask('refresh');
    await until(() => heard.snapshots.length === 2);
    expect(heard.snapshots[1]).toBe('10.0.0.9');
  });

  it('logs in, and shows no password where that fails', async ({ sentinels, hear }) => {
    for (const each of sentinels) each.password = 'correct horse';
    const login = { username: 'watcher', password: 'correct horse' };
    const heard = hear(redisSentinel(options(sentinels, login)));
    await until(() => heard.snapshots.length === 1);
    const refused = hear(redisSentinel(options(sentinels, { password: 'battery staple' })));
    await until(() => refused.error !== undefined);
    expect(refused.error).toMatchObject({ code: 'CONNMAN_DISCOVERY', domain: 'shop' });
    expect(String(refused.error)).toMatch(/^DiscoveryError: no Sentinel has an answer for shop: .*WRONGPASS/);
    expect(JSON.stringify([refused.error, String(refused.error)])).not.toMatch(/battery|horse/);
  });

  it('throws when no Sentinel can be reached, or knows the primary', async ({ sentinels, hear }) => {
    for (const each of sentinels) each.primary = undefined;
    const heard = hear(redisSentinel(options(sentinels)));
    await until(() => heard.error !== undefined);
    expect(String(heard.error)).toContain('No such master with that name');
    const lost = hear(redisSentinel(options([], { sentinels: ['127.0.0.1:1'] })));
    await until(() => lost.error !== undefined);
    expect(String(lost.error)).toContain('ECONNREFUSED');
  });

  it('refuses wrong options', () => {
    const good = { name: 'shop', sentinels: ['a:1'] };
    const make = (more: object) => redisSentinel({ ...good, ...more });
    expectOptionErrors('options', [undefined, null, 5, { ...good, nmae: 'x' }], (value) =>
      redisSentinel(value as RedisSentinelOptions),
    );
    const wrong: Readonly<Record<string, readonly unknown[]>> = {
      name: [undefined, null, '', 5],
      sentinels: [undefined, null, 'a:1', [], Array(33).fill('a:1')],
      'sentinels[0]': [['a'], ['a:0'], [5], [undefined]],
      role: [null, 'master'],
      password: [null, '', 5],
      tls: [null, false, 'yes'],
      timeout: [null, 0, '5', Infinity],
      refresh: [null, 0, '5', Infinity],
    };
    for (const [option, values] of Object.entries(wrong)) {
      expectOptionErrors(`options.${option}`, values, (value) =>
        make({ [option.split('[')[0] ?? '']: value }),
      );
    }
    expectOptionErrors('options.password', ['x'], (username) => make({ username }));
  });
});
