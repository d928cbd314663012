import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ScratchProject } from '../support/scratch-project.js';

const declarations = [
  'dist/index.d.ts',
  'dist/discovery/index.d.ts',
  'dist/monitor/index.d.ts',
  'dist/prelude/index.d.ts',
  'dist/testing/index.d.ts',
];

const project = new ScratchProject();

beforeAll(async () => {
  await project.install(await project.pack());
});

afterAll(() => project.remove());

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(
    file,
    readFileSync(join(project.connman, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
}

function exportedNames({ statements }: ts.SourceFile): string[] {
  return statements
    .filter(ts.isExportDeclaration)
    .flatMap(({ exportClause }) =>
      exportClause && ts.isNamedExports(exportClause) ? exportClause.elements : [],
    )
    .map(({ name }) => name.text);
}

test.each(declarations)('%s shows no classes of the inside', (file) => {
  const source = parse(file);
  const exported = exportedNames(source);
  const classes = source.statements.filter(ts.isClassDeclaration).map(({ name }) => name?.text ?? '');
  expect(classes.filter((name) => !exported.includes(name))).toEqual([]);
});

test.each(declarations)('%s takes nothing from files of the inside', (file) => {
  const imported = ts.preProcessFile(readFileSync(join(project.connman, file), 'utf8')).importedFiles;
  const own = imported.map(({ fileName }) => fileName).filter((name) => !name.startsWith('node:'));
  expect(own.filter((name) => name !== '../index.js')).toEqual([]);
});

test.each(declarations)('%s has no member that is marked as internal', (file) => {
  expect(readFileSync(join(project.connman, file), 'utf8')).not.toContain('@internal');
});

/** What an editor shows of the last word of a program. */
function hover(program: string): string {
  const file = project.path('hover.mts');
  project.write('hover.mts', program);
  const options = { module: ts.ModuleKind.NodeNext, types: ['node'], strict: true };
  const service = ts.createLanguageService({
    getCurrentDirectory: () => project.folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    getCompilationSettings: () => options,
    getScriptFileNames: () => [file],
    getScriptVersion: () => '1',
    getScriptSnapshot: (name) => {
      const text = ts.sys.readFile(name);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
  });
  const info = service.getQuickInfoAtPosition(file, program.length - 1);
  return ts.displayPartsToString(info?.displayParts);
}

test.each([
  [
    'Connection<H>.state: ConnectionState',
    `import type { Connection, Handler } from 'connman';
    export const of = <H extends Handler>(connection: Connection<H>) => connection.state`,
  ],
  [
    'Pool<H>.size: number',
    `import type { Pool, Handler } from 'connman';
    export const of = <H extends Handler>(pool: Pool<H>) => pool.size`,
  ],
  [
    'FaultServer.port: number',
    `import type { FaultServer } from 'connman/testing';
    export const of = (server: FaultServer) => server.port`,
  ],
])('an editor shows %s', (expected, program) => {
  expect(hover(program)).toContain(expected);
});
