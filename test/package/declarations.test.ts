import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ScratchProject } from '../support/scratch-project.js';

/** The declarations of the entries, and the classes in them that users cannot name: there should be none. */
const declarations: readonly [file: string, classes: readonly string[]][] = [
  ['dist/index.d.ts', ['Dialler', 'Gate', 'Gates', 'Lifeline']],
  ['dist/discovery/index.d.ts', []],
  ['dist/testing/index.d.ts', ['Closable']],
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

test.each(declarations)('%s shows no classes of the inside', (file, expected) => {
  const source = parse(file);
  const exported = exportedNames(source);
  const classes = source.statements.filter(ts.isClassDeclaration).map(({ name }) => name?.text ?? '');
  expect(classes.filter((name) => !exported.includes(name)).toSorted()).toEqual(expected);
});

test.each(declarations)('%s takes nothing from files of the inside', (file) => {
  const imported = ts.preProcessFile(readFileSync(join(project.connman, file), 'utf8')).importedFiles;
  const own = imported.map(({ fileName }) => fileName).filter((name) => !name.startsWith('node:'));
  expect(own.filter((name) => name !== '../index.js')).toEqual([]);
});

test.each(declarations)('%s has no member that is marked as internal', (file) => {
  expect(readFileSync(join(project.connman, file), 'utf8')).not.toContain('@internal');
});
