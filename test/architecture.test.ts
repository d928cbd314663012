import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

/**
 * What each part of `src` may import besides itself and primitives. A part is a folder of it, a folder in that (a room), or a
 * file beside the folders.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  index: [
    'default-manager',
    'manager',
    'pool',
    'requests',
    'connection',
    'discovery',
    'balance',
    'backoff',
    'telemetry',
  ],
  'default-manager': ['manager'],
  manager: ['pool', 'connection', 'telemetry'],
  pool: ['pool/following', 'pool/leases', 'pool/members', 'connection', 'balance', 'discovery', 'telemetry'],
  'pool/following': ['pool/members', 'connection', 'discovery', 'backoff', 'telemetry'],
  'pool/leases': ['pool/members', 'connection', 'telemetry'],
  'pool/members': ['connection', 'balance'],
  requests: ['connection'],
  connection: [
    'connection/dial',
    'connection/handler',
    'connection/life',
    'connection/liveness',
    'connection/lookup',
    'connection/options',
    'connection/socket',
    'connection/stats',
    'connection/tls',
    'gate',
    'telemetry',
  ],
  'connection/dial': [
    'connection',
    'connection/handler',
    'connection/lookup',
    'connection/options',
    'connection/socket',
    'connection/stats',
    'gate',
    'telemetry',
  ],
  'connection/life': [
    'connection',
    'connection/handler',
    'connection/liveness',
    'connection/options',
    'connection/socket',
    'connection/stats',
    'telemetry',
  ],
  'connection/options': [
    'connection/handler',
    'connection/liveness',
    'connection/socket',
    'connection/stats',
    'connection/tls',
    'backoff',
  ],
  'connection/liveness': ['connection/handler'],
  'connection/lookup': ['resolver'],
  'connection/handler': ['connection/socket', 'connection/stats', 'telemetry'],
  'connection/stats': ['telemetry'],
  'connection/tls': ['connection/socket'],
  'connection/socket': [],
  gate: ['backoff', 'telemetry'],
  telemetry: [],
  sources: ['dns', 'registries'],
  dns: ['discovery', 'resolver'],
  metrics: ['index', 'telemetry'],
  registries: ['discovery', 'index'],
  monitor: ['index', 'monitor/http', 'monitor/page'],
  'monitor/http': ['monitor', 'monitor/page'],
  'monitor/page': ['monitor'],
  prelude: ['connection'],
  discovery: [],
  resolver: [],
  balance: [],
  backoff: [],
  testing: ['testing/listen', 'testing/process', 'testing/server'],
  'testing/process': ['testing/listen'],
  'testing/server': ['testing/listen'],
  'testing/listen': [],
  cli: ['cli/demo', 'cli/pipe', 'cli/serve', 'cli/shell', 'cli/watch', 'index'],
  'cli/demo': ['cli/shell', 'index', 'monitor', 'testing'],
  'cli/pipe': ['cli/shell', 'index'],
  'cli/serve': ['cli/shell', 'testing'],
  'cli/shell': ['index'],
  'cli/watch': ['cli/shell', 'index'],
  primitives: [],
};

/** Rooms whose entry stands for all of them. The others are known only inside their own folder, file by file. */
const roomsWithEntry: ReadonlySet<string> = new Set([
  'cli/demo',
  'cli/pipe',
  'cli/serve',
  'cli/watch',
  'testing/listen',
  'testing/process',
  'testing/server',
]);

type Sources = Readonly<Record<string, string>>;

const timerCall = /(?<!\.|override )\b(?:set|clear)(?:Timeout|Interval)\(/;

function partOf(file: string): string {
  return posix.dirname(file) === '.' ? file.replace(/\.ts$/, '') : posix.dirname(file);
}

/** The folder of a room. */
function houseOf(part: string): string {
  return part.split('/', 1).join();
}

/** What a text imports: a file as its path in `src`, anything else by name. */
function imports(file: string, text: string): string[] {
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith('.')) return fileName;
    return posix.join(posix.dirname(file), fileName).replace(/\.js$/, '.ts');
  });
}

function importFault(file: string, target: string): string | undefined {
  if (/^node:(?!timers)/.test(target)) return undefined;
  if (!target.endsWith('.ts')) return `${file} imports ${target}: only node:* (not its timers) and own files`;
  const [from, to] = [partOf(file), partOf(target)];
  const isEntry = [`${to}.ts`, `${to}/index.ts`].includes(target);
  const isOpen = houseOf(from) === houseOf(to) && !roomsWithEntry.has(to);
  if (from === to && isEntry) return `${file} imports the entry of its own part`;
  if (from === to || to === 'primitives') return undefined;
  if (!mayImport[from]?.includes(to)) return `${file} imports ${target}: ${from} may not import ${to}`;
  return isEntry || isOpen ? undefined : `${file} imports ${target}, which is inside ${to}`;
}

/** The files that import themselves by way of others. */
function cycleFaults(sources: Sources): string[] {
  const files = Object.entries(sources);
  const graph = new Map(files.map(([file, text]) => [file, imports(file, text)]));
  const reached = (from: string, seen = new Set<string>()): Set<string> => {
    for (const file of graph.get(from) ?? []) if (!seen.has(file)) reached(file, seen.add(file));
    return seen;
  };
  return [...graph.keys()].filter((file) => reached(file).has(file)).map((file) => `${file} is in a cycle`);
}

function faults(sources: Sources): string[] {
  const found = cycleFaults(sources);
  for (const [file, text] of Object.entries(sources)) {
    for (const target of imports(file, text)) found.push(importFault(file, target) ?? '');
    if (timerCall.test(text.replaceAll(/\/\*.*?\*\//gs, '')) && file !== 'primitives/time.ts')
      found.push(`${file} calls a timer`);
  }
  return found.filter((fault) => fault !== '');
}

test('the sources keep to the table of imports', () => {
  const folder = join(__dirname, '..', 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const sources = Object.fromEntries(files.map((file) => [file.replaceAll('\\', '/'), read(file)]));
  expect(Object.keys(sources)).toContain('connection/index.ts');
  expect(faults(sources)).toEqual([]);
});

test.each<[string, Sources]>([
  ['backoff may not import pool', { 'backoff/a.ts': `import type { Pool } from '../pool/index.js';` }],
  ['is inside backoff', { 'gate/a.ts': `export { b } from '../backoff/b.js';` }],
  ['testing may not import index', { 'testing/a.ts': `import { connect } from '../index.js';` }],
  ['leases may not import pool/following', { 'pool/leases/a.ts': `import '../following/b.js';` }],
  ['socket may not import connection', { 'connection/socket/a.ts': `import type { C } from '../core.js';` }],
  [
    'pool/leases may not import connection/socket',
    { 'pool/leases/a.ts': `import '../../connection/socket/link.js';` },
  ],
  ['the entry of its own part', { 'pool/a.ts': `import './index.js';` }],
  ['only node:*', { 'pool/a.ts': `import { debounce } from 'lodash';` }],
  ['only node:*', { 'pool/a.ts': `const { setTimeout } = await import('node:timers');` }],
  ['new may not import backoff', { 'new/a.ts': `import { b } from '../backoff/index.js';` }],
  ['b.ts is in a cycle', { 'b.ts': `import { c } from './c.js'; c();`, 'c.ts': `export * from './b.js';` }],
  ['calls a timer', { 'pool/a.ts': `const timer = setTimeout(() => {}, 5);` }],
])('the table catches: %s', (message, sources) => {
  expect(faults(sources)).toContainEqual(expect.stringContaining(message));
});
