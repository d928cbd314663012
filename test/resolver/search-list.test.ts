import { expect, it } from 'vitest';
import { candidates, parseSearchList } from '../../src/resolver/search-list.js';

it.each<[text: string, host: string, domains: readonly string[], dots: number]>([
  ['', 'host', [], 1],
  ['', 'host.example.com', ['example.com'], 1],
  ['nameserver 10.0.0.1\nsearch a.test b.test.', 'host.example.com', ['a.test', 'b.test'], 1],
  ['search a.test\ndomain b.test c.test', 'host', ['b.test'], 1],
  ['domain b.test\nsearch\ta.test', 'host', ['a.test'], 1],
  ['search .', 'host.example.com', [], 1],
  ['options timeout:1 ndots:5', 'host', [], 5],
  ['options ndots:2 ndots:3\noptions rotate', 'host', [], 3],
  ['options ndots:99', 'host', [], 15],
  ['options ndots:x', 'host', [], 1],
  ['#search a.test\n; domain b.test', 'host', [], 1],
])('%j on the host %s', (text, host, domains, dots) => {
  expect(parseSearchList(text, host)).toEqual({ domains, dots });
});

it.each<[name: string, dots: number, names: readonly string[]]>([
  ['db', 1, ['db.a.test', 'db.b.test', 'db']],
  ['db.c', 1, ['db.c', 'db.c.a.test', 'db.c.b.test']],
  ['db.c', 2, ['db.c.a.test', 'db.c.b.test', 'db.c']],
  ['db', 0, ['db', 'db.a.test', 'db.b.test']],
  ['db.', 5, ['db.']],
])('%s with ndots:%i is looked for as %j', (name, dots, names) => {
  expect(candidates(name, { domains: ['a.test', 'b.test'], dots })).toEqual(names);
});
