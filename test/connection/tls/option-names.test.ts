import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { resolveOptions } from '../../../src/connection/index.js';
import { tlsOptionNames } from '../../../src/connection/tls/options.js';
import type { ConnectionOptions } from '../../../src/index.js';
import { unchecked } from '../../support/call.js';

const interfaces = ['ConnectionOptions', 'SecureContextOptions', 'TLSSocketOptions'] as const;

/** The names of the members of these interfaces of `node:tls`, as @types/node has them. */
function namesOfNode(): Map<string, string[]> {
  const file = join(__dirname, 'names.ts');
  const text = `export type { ${interfaces.join(', ')} } from 'node:tls';`;
  const host = ts.createCompilerHost({});
  const { getSourceFile } = host;
  host.getSourceFile = (path, target) =>
    path === file ? ts.createSourceFile(path, text, target) : getSourceFile.call(host, path, target);
  const program = ts.createProgram([file], { types: ['node'], strict: true }, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file) as ts.SourceFile;
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);
  return new Map(
    symbols.map((symbol) => {
      const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
      return [symbol.name, type.getProperties().map((each) => each.name)];
    }),
  );
}

const namesOf = namesOfNode();

test.each(interfaces)('every option in %s of Node.js is taken, or refused with a reason', (name) => {
  const members = namesOf.get(name) ?? [];
  expect(members).toContain('ca');
  expect(members.filter((each) => !tlsOptionNames.includes(each))).toEqual([]);
});

test('so are those that only newer types have', () => {
  // Of @types/node 26.
  expect(tlsOptionNames).toEqual(
    expect.arrayContaining(['allowPartialTrustChain', 'certificateCompression', 'requestOCSP']),
  );
});

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

test.each<[string, unknown]>([
  ['a path', '/etc/ssl/ca.pem'],
  ['bytes that are no text', Buffer.from([0x30, 0x82, 0x01, 0x0a])],
  ['a path in a list', ['', '/etc/ssl/ca.pem']],
])('tls.ca is refused as %s, of which Node.js would silently trust nobody', (_, ca) => {
  expect(() => resolveOptions(unchecked<ConnectionOptions>({ tls: { ca } }))).toThrow(
    /^options\.tls\.ca: expected certificates in PEM, got .*\(pass the content of a file, not its path\)$/,
  );
});
