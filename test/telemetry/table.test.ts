import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { channelNames } from '../support/channels.js';

const root = join(__dirname, '..', '..');
const document = readFileSync(join(root, 'docs', 'telemetry.md'), 'utf8');

type Table = Readonly<Record<string, readonly string[]>>;

function quoted(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '');
}

/** What all events of a kind have, as the text above its table says. */
function common(kind: string): string[] {
  const [, sentence] = new RegExp(`Events of a ${kind}. All have ([^|]+?)\\n\\n`).exec(document) ?? [];
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

const options = { module: ts.ModuleKind.NodeNext, strict: true, types: ['node'] };
const program = ts.createProgram([join(root, 'src', 'index.ts')], options);
const checker = program.getTypeChecker();

/** The members of a type that `src/<file>` exports, with their types. */
function declared(file: string, name: string): { members: ts.Symbol[]; at: ts.Node } {
  const path = join(root, 'src', file);
  const source = program.getSourceFile(path) as ts.SourceFile;
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);
  const symbol = exported.find((each) => each.name === name) as ts.Symbol;
  return { members: checker.getDeclaredTypeOfSymbol(symbol).getProperties(), at: source };
}

/** The channels of the code, with the fields of their payloads. */
function coded(): Table {
  const { members, at } = declared('telemetry/channels.ts', 'ChannelPayloads');
  return Object.fromEntries(
    members.map((member) => [
      member.name,
      checker
        .getTypeOfSymbolAtLocation(member, at)
        .getProperties()
        .map((field) => field.name)
        .toSorted(),
    ]),
  );
}

test('the table of channels in the document is that of the code', () => {
  expect(documented()).toEqual(coded());
  expect(Object.keys(documented())).toEqual(channelNames);
});

describe('the tables of stats() in the document name what there is', () => {
  const [, section = ''] = /^## stats\(\)$(.*?)^## /ms.exec(document) ?? [];
  const [counters = [], ofConnection = [], ofPool = []] = section
    .split(/^\| -.*\|$/m)
    .slice(1)
    .map((table) => [...table.matchAll(/^\| ([^|]+)\|/gm)].flatMap(([, cell]) => quoted(cell)));

  test.each([
    ['ConnectionStats', 'connection/events.ts', [...counters, ...ofConnection]],
    ['PoolStats', 'pool/stats.ts', [...counters, ...ofPool]],
  ])('of %s', (name, file, names) => {
    expect(names.toSorted()).toEqual(
      declared(file, name)
        .members.map((member) => member.name)
        .toSorted(),
    );
  });
});
