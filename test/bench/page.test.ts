import { describe, expect, test } from 'vitest';
import { say, table } from '../../bench/findings.js';
import { toMarkdown } from '../../bench/page/markdown.js';
import { withPart } from '../../bench/page/page.js';
import { textTable } from '../../bench/page/text-table.js';

const order = ['first', 'second', 'third'];

function bodies(page: string): string[] {
  return [...page.matchAll(/^body .*$/gm)].map(([body]) => body);
}

describe('a part of the page', () => {
  test('begins a page that is not there', () => {
    const page = withPart('', order, 'second', 'body 2');
    expect(page).toMatch(/^# Benchmarks\n/);
    expect(bodies(page)).toEqual(['body 2']);
  });

  test('goes where it belongs, whatever is written first', () => {
    const page = ['third', 'first', 'second'].reduce(
      (before, name) => withPart(before, order, name, `body ${name}`),
      '',
    );
    expect(bodies(page)).toEqual(['body first', 'body second', 'body third']);
  });

  test('is replaced and leaves the others alone', () => {
    const before = order.reduce((page, name) => withPart(page, order, name, `body ${name}\n\nmore`), '');
    const after = withPart(before, order, 'second', 'body anew');
    expect(bodies(after)).toEqual(['body first', 'body anew', 'body third']);
    expect(after.match(/^more$/gm)).toHaveLength(2);
  });

  test('may be written as often as one likes', () => {
    const once = withPart('', order, 'first', 'body $1 $& | `a`');
    expect(withPart(once, order, 'first', 'body $1 $& | `a`')).toBe(once);
  });

  test('that no longer exists is dropped', () => {
    const before = withPart('', ['old'], 'old', 'body old');
    expect(bodies(withPart(before, order, 'first', 'body new'))).toEqual(['body new']);
  });
});

const numbers = table(
  ['', 'dials', 'a|b'],
  [
    ['connman', '3', '1.00'],
    ['bare', '640', ''],
  ],
);

test('findings as Markdown', () => {
  const plot = { kind: 'plot', name: 'up', title: 'Up', spec: {} } as const;
  expect(toMarkdown([say('Words.'), plot, numbers], 'drawings')).toBe(
    [
      'Words.',
      '',
      '![Up](drawings/up.svg)',
      '',
      '|  | dials | a\\|b |',
      '| --- | ---: | ---: |',
      '| connman | 3 | 1.00 |',
      '| bare | 640 |  |',
    ].join('\n'),
  );
});

test('a table as text', () => {
  expect(textTable(numbers)).toBe(
    ['          dials    a|b', 'connman       3   1.00', 'bare        640'].join('\n'),
  );
});
