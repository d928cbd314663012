import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { say, table } from '../../bench/findings.js';
import { toMarkdown } from '../../bench/page/markdown.js';
import { withPart } from '../../bench/page/page.js';
import { textTable } from '../../bench/page/text-table.js';
import { lean } from '../../bench/plots/lean.js';

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

describe('a drawing', () => {
  test('keeps what is seen, and nothing else', () => {
    const drawn =
      '<svg class="marks"><g class="empty"><g></g></g><g role="x"><path class="background" d="M0,0h0"/>' +
      '<path d="M1,2.345h9v3h-9Z" fill="red"/><path d="M2,44h9v0h-9Z" fill="red"/><path d="M3,4h9v3h-9Z" fill="red"/>' +
      '<text opacity="1" fill="#000">10</text></g></svg>';
    expect(lean(drawn)).toBe(
      '<svg><path d="M1,2.3h9v3h-9ZM3,4h9v3h-9Z" fill="red"/><text fill="#000">10</text></svg>',
    );
  });

  test('of the page is a lean one, as two are in the package', () => {
    const folder = join(__dirname, '../../docs/benchmarks');
    const drawings = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(drawings.filter((svg) => lean(svg) !== svg)).toEqual([]);
  });
});
