import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { resolveOptions } from '../../../src/connection/index.js';
import { tlsOptionNames } from '../../../src/connection/tls/options.js';
import type { ConnectionOptions } from '../../../src/index.js';
import { unchecked } from '../../support/call.js';

/** The names of the members of an interface of `node:tls`, as @types/node has it. */
function membersOf(name: string): string[] {
  const file = join(__dirname, 'names.ts');
  const text = `import type { ${name} } from 'node:tls'; export declare const it: ${name};`;
  const host = ts.createCompilerHost({});
  const { getSourceFile } = host;
  host.getSourceFile = (path, target) =>
    path === file ? ts.createSourceFile(path, text, target) : getSourceFile.call(host, path, target);
  const program = ts.createProgram([file], { types: ['node'], strict: true }, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file) as ts.SourceFile;
  const [symbol] = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);
  return checker
    .getTypeOfSymbol(symbol as ts.Symbol)
    .getProperties()
    .map((each) => each.name);
}

test.each(['ConnectionOptions', 'SecureContextOptions', 'TLSSocketOptions'])(
  'every option in %s of Node.js is taken, or refused with a reason',
  (name) => {
    const members = membersOf(name);
    expect(members).toContain('ca');
    expect(members.filter((each) => !tlsOptionNames.includes(each))).toEqual([]);
  },
);

test.each([
  'host',
  'port',
  'path',
  'socket',
  'session',
  'lookup',
  'timeout',
  'signal',
  'requestCert',
  'SNICallback',
])('%s is refused with a reason', (name) => {
  const tls = (): unknown => resolveOptions(unchecked<ConnectionOptions>({ tls: { [name]: 1 } }));
  expect(tls).toThrow(new RegExp(`^options\\.tls\\.${name}: expected nothing: \\w+`));
});
