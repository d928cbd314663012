import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect } from 'vitest';
import { staticEndpoints } from '../../src/index.js';
import { prometheus } from '../../src/metrics/index.js';
import { channelNames } from '../support/channels.js';
// Of the socket ring: the compiler takes seconds.
import { it } from '../support/fixtures.js';

const root = join(__dirname, '..', '..');
const document = readFileSync(join(root, 'docs', 'telemetry.md'), 'utf8');

type Table = Readonly<Record<string, readonly string[]>>;

function quoted(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '');
}

/** What all events of a kind have, as the text above its table says. */
function common(kind: string): string[] {
  const [, sentence] =
    new RegExp(`^\\*\\*Events of a ${kind}\\.\\*\\* All have ([^|]+?)\\n\\n`, 'm').exec(document) ?? [];
  return quoted(sentence?.replaceAll('`undefined`', ''));
}

/** The channels of the document, with the fields of their payloads. */
function documented(): Table {
  const rows = [...document.matchAll(/^\| `connman:(\w+):([\w-]+)` *\|[^|]*\|([^|]*)\|$/gm)];
  return Object.fromEntries(
    rows.map(([, kind = '', event = '', fields]) => [
      `connman:${kind}:${event}`,
      [...common(kind), ...quoted(fields)].toSorted(),
    ]),
  );
}

const entry = join(root, 'src', 'index.ts');
const program = ts.createProgram([entry], {
  module: ts.ModuleKind.NodeNext,
  // Those of a browser are not needed, and many.
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  strict: true,
  types: ['node'],
});
const checker = program.getTypeChecker();
const source = program.getSourceFile(entry) as ts.SourceFile;
const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);

/** The members of a public type. */
function declared(name: string): ts.Symbol[] {
  const symbol = exported.find((each) => each.name === name) as ts.Symbol;
  return checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol)).getProperties();
}

/** The channels of the code, with the fields of their payloads. */
function coded(): Table {
  return Object.fromEntries(
    declared('ChannelPayloads').map((member) => [
      member.name,
      checker
        .getTypeOfSymbolAtLocation(member, source)
        .getProperties()
        .map((field) => field.name)
        .toSorted(),
    ]),
  );
}

it('the table of channels in the document is that of the code', () => {
  expect(documented()).toEqual(coded());
  expect(Object.keys(documented())).toEqual(channelNames);
});

describe('the tables of stats() in the document name what there is', () => {
  const [, section = ''] = /^## stats\(\)$(.*?)^## /ms.exec(document) ?? [];
  const [counters = [], ofConnection = [], ofPool = []] = section
    .split(/^\| -.*\|$/m)
    .slice(1)
    .map((table) => [...table.matchAll(/^\| ([^|]+)\|/gm)].flatMap(([, cell]) => quoted(cell)));

  it.for([
    ['ConnectionStats', [...counters, ...ofConnection]],
    ['PoolStats', [...counters, ...ofPool]],
  ] as const)('of %s', ([name, names]) => {
    expect(names.toSorted()).toEqual(
      declared(name)
        .map((member) => member.name)
        .toSorted(),
    );
  });

  it('of an endpoint of a pool', () => {
    const [, said] =
      /^\| `endpoints` +\| for each endpoint: ([^|]+), and all counters +\|$/m.exec(section) ?? [];
    const names = [...quoted(said), ...counters, 'lostRequests', 'interrupted'];
    expect(names.toSorted()).toEqual(
      declared('EndpointStats')
        .map((member) => member.name)
        .toSorted(),
    );
  });
});

it('the table of metrics is that of the exporter', async ({ manager, server }) => {
  const discovery = staticEndpoints([server.endpoint]);
  await manager.createPool('caches', () => ({ onConnect: () => {} }), { discovery }).ready();
  using exporter = prometheus(manager, undefined, { endpoints: 1 });
  const names = [...exporter.metrics().matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name ?? '');
  const [, section = ''] = /^## Metrics$(.*)/ms.exec(document) ?? [];
  const named = new Set([...section.matchAll(/`(connman_\w+)/g)].map(([, name]) => name));
  // The counters of an endpoint are "and so on".
  const own = names.filter((name) => !/^connman_endpoint_\w+_total$/.test(name));
  expect(own.length).toBeGreaterThan(20);
  expect(own.filter((name) => !named.has(name))).toEqual([]);
  expect([...named].filter((name) => !names.includes(name ?? ''))).toEqual([]);
});
