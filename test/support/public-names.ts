import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');

/** The entries of the package, and their sources. */
export const entries: Readonly<Record<string, string>> = {
  connman: join(root, 'src/index.ts'),
  'connman/discovery': join(root, 'src/sources.ts'),
  'connman/metrics': join(root, 'src/metrics/index.ts'),
  'connman/monitor': join(root, 'src/monitor/index.ts'),
  'connman/prelude': join(root, 'src/prelude/index.ts'),
  'connman/testing': join(root, 'src/testing/index.ts'),
};

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
  paths: Object.fromEntries(Object.entries(entries).map(([name, source]) => [name, [source]])),
  strict: true,
  noEmit: true,
};

/** An exported name, or a member of one. */
export interface PublicName {
  /** Such as `Pool` or `Pool.size`. */
  readonly name: string;
  /** The docstring without its tags. */
  readonly text: string;
  /** The code of each `@example`; empty if it is in no fence for TypeScript. */
  readonly examples: readonly string[];
  /** A function, a class, or an interface with methods. */
  readonly isCallable: boolean;
}

/** The program of the entries, as their sources are. */
export function publicProgram(): ts.Program {
  return ts.createProgram(Object.values(entries), options);
}

/** Every name that an entry exports, and the public members of each. */
export function publicNames(program: ts.Program): PublicName[] {
  const checker = program.getTypeChecker();
  const exported = Object.values(entries).flatMap((file) => {
    const source = program.getSourceFile(file) as ts.SourceFile;
    return checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);
  });
  return exported
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .flatMap((symbol) => {
      const members = [...(symbol.members?.values() ?? [])].filter((member) => isPublic(member));
      const own = members.map((each) => documented(checker, each, `${symbol.name}.${each.name}`));
      return [documented(checker, symbol, symbol.name, members)].concat(own);
    });
}

/** The values of an exported union of strings. */
export function valuesOf(program: ts.Program, name: string): string[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entries['connman'] ?? '') as ts.SourceFile;
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol);
  const symbol = exported.find((each) => each.name === name) as ts.Symbol;
  const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
  return type.isUnion() ? type.types.flatMap((each) => (each.isStringLiteral() ? [each.value] : [])) : [];
}

function documented(
  checker: ts.TypeChecker,
  symbol: ts.Symbol,
  name: string,
  members: readonly ts.Symbol[] = [],
): PublicName {
  const isFunction = symbol.valueDeclaration
    ? checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0
    : false;
  const isObject = members.some(({ flags }) => flags & ts.SymbolFlags.Method);
  return {
    name,
    text: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    examples: symbol
      .getJsDocTags(checker)
      .filter((tag) => tag.name === 'example')
      .map(({ text }) => /^```ts\n(.*)^```$/ms.exec(ts.displayPartsToString(text).trim())?.[1] ?? ''),
    isCallable: isFunction || isObject || (symbol.flags & ts.SymbolFlags.Class) > 0,
  };
}

/** A member that has a name, and is neither private nor internal. */
function isPublic({ flags, declarations = [] }: ts.Symbol): boolean {
  const isMember = flags & (ts.SymbolFlags.Method | ts.SymbolFlags.Property | ts.SymbolFlags.Accessor);
  return Boolean(isMember) && declarations.every((each) => !isHidden(each));
}

function isHidden(declaration: ts.Declaration): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const name = ts.getNameOfDeclaration(declaration);
  if (!name || ts.isPrivateIdentifier(name) || ts.isComputedPropertyName(name)) return true;
  if (ts.getCombinedModifierFlags(declaration) & hidden) return true;
  return ts.getJSDocTags(declaration).some(({ tagName }) => tagName.text === 'internal');
}

/**
 * What TypeScript says of some modules, which are given by name and text and can import the entries. `old` is a program that
 * has parsed the rest already.
 */
export function compile(modules: Readonly<Record<string, string>>, old: ts.Program): string[] {
  const texts = new Map(Object.entries(modules).map(([name, text]) => [join(root, 'test', name), text]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => texts.has(file) || fileExists(file);
  host.readFile = (file) => texts.get(file) ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file);
    return text === undefined
      ? getSourceFile(file, version, ...rest)
      : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([...texts.keys()], options, host, old);
  return [...texts.keys()].flatMap((file) => {
    const source = program.getSourceFile(file) as ts.SourceFile;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText, start = 0 }) => {
      const line = source.getLineAndCharacterOfPosition(start).line + 1;
      return `${file.slice(root.length + 6)}:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}
