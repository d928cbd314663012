import * as fc from 'fast-check';
import { describe, expect } from 'vitest';
import { isDomainName, isInDomain, serviceName } from '../../src/dns/domain-names.js';
import { it } from '../support/fixtures.js';
import { expectOptionErrors } from '../support/refusal.js';

const longest = [63, 63, 63, 61].map((length) => 'x'.repeat(length)).join('.');

describe('a domain name', () => {
  it.for([
    'a',
    'a.test',
    'A.Test.',
    'a-b.c_d.test',
    '_x.test',
    'xn--bcher-kva.example',
    '1a.2b',
    '1.test',
    longest,
  ])('is %s', (name) => expect(isDomainName(name)).toBe(true));

  const wrong = [
    ...'. .. .a a..b a.. -a.test a-.test bücher.example a:1 a/b *.test a\\.test'.split(' '),
    ...'127.0.0.1 127.1 1 0.0.0.0. ::1 [::1] user@a.test http://a.test'.split(' '),
    ...Array.from('\0\n \u001B\u202E', (odd) => `a${odd}.test`),
    '',
    'x'.repeat(64),
    `x${longest}`,
    `x${longest}.`,
    'a.'.repeat(500_000),
    '-'.repeat(1_000_000),
    undefined,
    null,
    5,
    {},
    ['a.test'],
  ];
  it('is nothing else', () => {
    expect(wrong.filter(isDomainName)).toEqual([]);
  });
});

describe('the name of a service', () => {
  const rfc2782 = ['_s._tcp.a', '_s._tcp.a.test.', '_x-y._udp.a.b.test', '_a._b._c.test'];
  const consul = ['redis.service.consul', 'v1.redis.service.dc1.consul.', '_redis._v1.service.consul'];
  const ecs = ['backend.shop.local', 'backend.local', '_backend._tcp.shop.local', 'redis'];
  it.for([...rfc2782, ...consul, ...ecs])('is %s', (name) => {
    expect(() => serviceName('name', name)).not.toThrow();
  });

  it('is nothing else', () => {
    const wrong = ['_s.a.test', '_s._tcp', '_s._tcp.', '_s._tcp.1', '_s.tcp.a', 's._tcp.a', '_._tcp.a', 5];
    expectOptionErrors('name', [...wrong, undefined, `_s._tcp.${'a'.repeat(64)}`], (value) =>
      serviceName('name', value),
    );
  });
});

describe('the domain of targets', () => {
  it.for<[service: string, within: string[], outside: string[]]>([
    [
      '_s._tcp.a.example.com',
      ['b.example.com', 'c.b.example.com', 'a.example.com', 'x.a.example.com'],
      ['example.com', 'com', 'bexample.com', 'a.example.org', 'example.com.evil.test', 'localhost'],
    ],
    [
      '_s._tcp.example.com',
      ['a.example.com', 'b.a.example.com', 'example.com'],
      ['com', 'b.com', 'a-example.com', 'example.com.evil'],
    ],
    [
      '_s._tcp.internal',
      ['a.internal', 'b.a.internal', 'internal'],
      ['a', 'a.test', 'xinternal', 'internal.a'],
    ],
    ['_S._TCP.A.Example.COM.', ['b.example.com', 'a.example.com'], ['b.example.org']],
    [
      '_redis._tcp.service.consul',
      ['x.node.dc1.consul', 'host.example.com.node.consul', '0a000001.addr.dc1.consul', 'a.service.consul'],
      ['x.node.dc1.consul.evil.test', 'x.node.consul.test', 'node.consul', 'x.consul', 'xnode.consul'],
    ],
    [
      'v1.redis.service.dc1.consul',
      ['x.node.dc1.consul', 'x.node.dc2.consul', '0a000001.addr.dc1.consul', 'x.node.p1.ap.dc1.dc.consul'],
      ['x.node.dc1.example', 'consul', 'x.dc1.consul'],
    ],
    ['redis.query.consul', ['x.node.dc2.consul'], ['x.node.example']],
    ['_redis._tcp.service.com', ['a.service.com'], ['x.node.evil.com', 'x.node.dc1.consul']],
    ['_redis._tcp.service.dc1.corp.test', ['x.node.dc1.corp.test'], ['x.node.corp.test']],
    ['backend.shop.local', ['f00.backend.shop.local', 'x.shop.local'], ['x.local', 'backend.other.local']],
    ['backend.local', ['f00.backend.local', 'backend.local'], ['x.local', 'f00.other.local']],
    ['_backend._tcp.shop.local', ['f00._backend._tcp.shop.local'], ['f00.other.local']],
    ['redis', ['redis', 'a.redis'], ['a', 'xredis']],
    [
      '_redis._tcp.redis.shop.svc.cluster.local',
      ['redis-0.redis.shop.svc.cluster.local'],
      ['redis-0.redis.other.svc.cluster.local'],
    ],
  ])('of %s', ([name, within, outside]) => {
    expect(within.filter((target) => !isInDomain(target, name))).toEqual([]);
    expect(outside.filter((target) => isInDomain(target, name))).toEqual([]);
  });

  it('has at least the last two labels of the service in each target, or its only one', () => {
    const names = fc.array(fc.constantFrom('a', 'b', 'ab', 'com'), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(names, names, (domain, target) => {
        if (!isInDomain(target.join('.'), `_s._tcp.${domain.join('.')}`)) return;
        expect(target.slice(-2)).toEqual(expect.arrayContaining(domain.slice(-2)));
        expect(target.slice(-Math.min(2, domain.length))).toEqual(domain.slice(-2));
      }),
      { numRuns: 2_000 },
    );
  });
});
