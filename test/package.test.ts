import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Packed, repository, run, ScratchProject, tool } from './support/scratch-project.js';

// What the library offers, written out: a change here is a change of the public API.
const api = {
  connman: {
    entry: 'dist/index.d.ts',
    values: [
      ['ClosedError', 'ConnectionManager', 'ConnmanError', 'DialError', 'DiscoveryError', 'HandshakeError'],
      ['NoConnectionError', 'OptionError'],
      [
        'PoolExistsError',
        'QueueFullError',
        'TimeoutError',
        'connect',
        'constant',
        'createPool',
        'disconnectAll',
        'dnsAddresses',
        'dnsServices',
        'exponential',
      ],
      ['getPool', 'leastLeased', 'random', 'roundRobin', 'staticEndpoints'],
      ['twoChoices'],
    ].flat(),
    types: [
      ['AcquireOptions', 'Balancer', 'Candidates', 'Choose', 'DiscoveredEndpoint', 'Discovery'],
      ['DiscoverySource', 'DnsOptions', 'DnsServicesOptions', 'DrainOptions', 'EndpointStats'],
      [
        'GateReport',
        'GateState',
        'HealthReport',
        'Lease',
        'LoadOf',
        'ManagerOptions',
        'PoolState',
        'SubsetOptions',
      ],
      [
        'Backoff',
        'ChannelPayloads',
        'CloseCode',
        'CloseReason',
        'Connection',
        'ConnectionOptions',
        'ConnectionState',
      ],
      [
        'ConnectionStats',
        'ConstantOptions',
        'DialFailure',
        'DialPhase',
        'DisconnectOptions',
        'Endpoint',
        'ErrorCode',
      ],
      [
        'ExponentialOptions',
        'Handler',
        'HandlerFactory',
        'Heartbeat',
        'ManagedSocket',
        'Pool',
        'PoolOptions',
        'PoolStats',
      ],
      ['ReadyOptions', 'Reset', 'ResetCode', 'TlsOptions'],
    ].flat(),
  },
  'connman/testing': {
    entry: 'dist/testing/index.d.ts',
    values: [
      [
        'echo',
        'end',
        'endAt',
        'garbage',
        'greet',
        'halfOpen',
        'reset',
        'resetAt',
        'respond',
        'silent',
        'slow',
      ],
      ['stall', 'startBlackHole', 'startFaultServer', 'startServerProcess'],
    ].flat(),
    types: [
      ['Answer', 'BlackHole', 'BlackHoleOptions', 'ChildScript', 'Data', 'Fault', 'FaultServer'],
      ['FaultServerOptions', 'FileLeft', 'Finish', 'FinishAt', 'HandshakeState', 'Script'],
      ['ServerConnection', 'ServerProcess', 'ServerProcessOptions', 'TlsScript'],
    ].flat(),
  },
};

const published = /^(dist\/.+\.(js|d\.ts)|README\.md|LICENSE|package\.json)$/;
// A quarter of it is connman/testing, a third pools and discovery. What makes it more has to be worth it.
const largestSize = 140_000;

const project = new ScratchProject();
let packed: Packed;

beforeAll(async () => {
  packed = await project.pack();
  await project.install(packed);
});

afterAll(() => project.remove());

/** The files below a folder, with what is in them. */
function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, 'utf8')]));
}

describe('the tarball', () => {
  test('holds what is published and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths.filter((path) => !published.test(path))).toEqual([]);
    expect(paths).toContain('LICENSE');
  });

  test('is small', () => {
    expect(packed.size).toBeLessThan(largestSize);
  });

  test('holds what the sources build, byte for byte', async () => {
    const rebuilt = project.path('rebuilt');
    const args = [tool('typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', rebuilt];
    const bare = ['--declaration', 'false', '--isolatedDeclarations', 'false', '--removeComments'];
    await run(process.execPath, args, repository);
    await run(process.execPath, [...args, ...bare], repository);
    expect(contents(join(project.connman, 'dist'))).toEqual(contents(rebuilt));
  });

  test('depends on nothing and runs nothing when it is installed', () => {
    const manifest: object = JSON.parse(readFileSync(join(project.connman, 'package.json'), 'utf8'));
    expect(Object.keys(manifest).filter((key) => /dependencies$/i.test(key))).toEqual(['devDependencies']);
    const scripts = 'scripts' in manifest ? Object.keys(manifest.scripts ?? {}) : [];
    expect(scripts.filter((name) => /^(pre|post)?(install|prepare)$|^dependencies$/.test(name))).toEqual([]);
  });

  test('passes publint', async () => {
    await project.node(tool('publint/src/cli.js'), 'run', packed.filename, '--strict');
  });

  test('passes attw', async () => {
    // node16: what Node.js and bundlers resolve. The older algorithm, node10, knows no subpaths at all.
    const args = ['--profile', 'node16', '--no-definitely-typed'];
    await project.node(tool('@arethetypeswrong/cli/dist/index.js'), packed.filename, ...args);
  });
});

describe.each(Object.entries(api))('%s, installed', (module, { entry, values, types }) => {
  test('is one and the same by require and by import', async () => {
    const program = `
      import { createRequire } from 'node:module';
      import * as imported from '${module}';
      const required = createRequire(import.meta.url)('${module}');
      const names = Object.keys(required).toSorted();
      const same = names.filter((name) => imported[name] === required[name]);
      console.log(JSON.stringify({ names, same }));`;
    expect(await project.evaluate('same.mjs', program)).toEqual({ names: values, same: values });
  });

  test('has names that an ES module can import', async () => {
    const program = `
      import { ${values.join(', ')} } from '${module}';
      console.log(JSON.stringify([${values.map((name) => `typeof ${name}`).join(', ')}]));`;
    expect(await project.evaluate('names.mjs', program)).toEqual(values.map(() => 'function'));
  });

  test('declares these names and no others', () => {
    const file = join(project.connman, entry);
    const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext });
    const source = program.getSourceFile(file);
    const symbol = source && program.getTypeChecker().getSymbolAtLocation(source);
    const names =
      symbol &&
      program
        .getTypeChecker()
        .getExportsOfModule(symbol)
        .map(({ name }) => name);
    expect(names?.toSorted()).toEqual([...values, ...types].toSorted());
  });
});

describe('the installed package', () => {
  test('has one state, however it is loaded', async () => {
    const program = `
      import { createRequire } from 'node:module';
      import { createPool } from 'connman';
      const { getPool } = createRequire(import.meta.url)('connman');
      const pool = createPool('shared', () => ({}));
      console.log(getPool('shared') === pool);`;
    expect(await project.evaluate('state.mjs', program)).toBe(true);
  });

  test('keeps its inside to itself', async () => {
    const program = `
      const attempts = ['dist/manager.js', 'dist/index.js', 'manager'].map((path) => import('connman/' + path));
      const outcomes = await Promise.allSettled(attempts);
      console.log(JSON.stringify(outcomes.map(({ reason }) => reason?.code)));`;
    const closed = 'ERR_PACKAGE_PATH_NOT_EXPORTED';
    expect(await project.evaluate('deep.mjs', program)).toEqual([closed, closed, closed]);
  });
});

const typedProgram = `
import { connect, ConnmanError, createPool, OptionError } from 'connman';
import type { Connection, Handler, ManagedSocket, Reset } from 'connman';
import { startFaultServer, type FaultServer } from 'connman/testing';

class Lines implements Handler {
  lost = 0;
  onConnect(socket: ManagedSocket): void { socket.write('hello\\n'); }
  onReset(reset: Reset): void { this.lost += reset.unsentBytes; }
  async onReconnect(socket: ManagedSocket): Promise<void> { this.onConnect(socket); }
}

type Exactly<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
const pool = createPool('lines', () => new Lines());
const handler = pool.getHandler(3);
export const isLines: Exactly<typeof handler, Lines> = true;
export const connection: Connection<Lines> = connect(7000, 'localhost', new Lines(), { connectTimeout: 1_000 });
export const server: Promise<FaultServer> = startFaultServer();
export const error: ConnmanError = new ConnmanError('CONNMAN_DIAL', 'no answer');
export const typeError: TypeError = new OptionError('port', 'a number', 'x');
export async function main(): Promise<void> {
  await using owned = pool;
  await owned.ready(1);
}
// @ts-expect-error: a handler lacks two of its methods
connect(7000, 'localhost', { onConnect() {} });
// @ts-expect-error: there is no such option
connect(7000, 'localhost', new Lines(), { retries: 3 });
`;

test.each(['program.cts', 'program.mts'])('the packed types hold in %s', async (name) => {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  project.write(name, typedProgram);
  project.write(`${name}.json`, JSON.stringify({ compilerOptions, files: [name] }));
  expect(await project.node(tool('typescript/bin/tsc'), '-p', `${name}.json`)).toBe('');
});
