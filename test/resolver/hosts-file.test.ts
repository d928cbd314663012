import { expect, it } from 'vitest';
import { hostKey, localAddresses, parseHosts } from '../../src/resolver/hosts-file.js';

it('gives the addresses of each name in the order of the file, each once', () => {
  const hosts = parseHosts(
    [
      '# 10.0.0.9 comment.test',
      '10.0.0.1\ta.test  A2.test\t# the first',
      '  ::1 a.test\r',
      '10.0.0.1 a.test',
      '10.0.0.2 A.Test.',
      'nonsense b.test',
      '10.0.0.3',
      '10.0.0.4#c.test',
      '127.1 d.test',
      '10.0.0.5 __proto__ constructor',
      '',
    ].join('\n'),
  );
  expect(Object.fromEntries([...hosts].filter(([name]) => name !== '__proto__'))).toEqual({
    'a.test': [
      { address: '10.0.0.1', family: 4 },
      { address: '::1', family: 6 },
      { address: '10.0.0.2', family: 4 },
    ],
    'a2.test': [{ address: '10.0.0.1', family: 4 }],
    constructor: [{ address: '10.0.0.5', family: 4 }],
  });
  expect(hosts.get('__proto__')).toEqual([{ address: '10.0.0.5', family: 4 }]);
});

it('compares names without a dot at the end, and without regard to case', () => {
  expect(hostKey('A.Test.')).toBe('a.test');
});

it.each<[name: string, count: number]>([
  ['localhost', 2],
  ['LocalHost.', 2],
  ['db.localhost', 2],
  ['notlocalhost', 0],
  ['localhost.example.com', 0],
])('%s has %i addresses of this host', (name, count) => {
  expect(localAddresses(name)).toHaveLength(count);
});
