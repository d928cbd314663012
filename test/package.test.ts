import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { programs, securedPool } from './package/programs.js';
import { certificates } from './support/certificates.js';
import { type Packed, repository, run, ScratchProject, tool } from './support/scratch-project.js';

// What the library offers, written out: a change here is a change of the public API.
const api = {
  connman: {
    entry: 'dist/index.d.ts',
    values: [
      ['ClosedError', 'ConnectionManager', 'ConnmanError', 'DialError', 'DiscoveryError', 'FatalError'],
      ['HandshakeError', 'LifeEndedError', 'NoConnectionError', 'OptionError', 'Requests'],
      [
        'PoolExistsError',
        'QueueFullError',
        'TimeoutError',
        'connect',
        'constant',
        'createPool',
        'defaultManager',
        'disconnectAll',
        'exponential',
      ],
      ['getPool', 'leastLeased', 'random', 'roundRobin', 'staticEndpoints'],
      ['twoChoices'],
    ].flat(),
    types: [
      ['AcquireOptions', 'Balancer', 'Candidates', 'Choose', 'DiscoveredEndpoint', 'Discovery'],
      [
        'AllowEndpoint',
        'AskReason',
        'DiscoveryContext',
        'DiscoveryStats',
        'DiscoverySource',
        'DrainOptions',
        'EndpointStats',
      ],
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
        'ElasticOptions',
        'ExponentialOptions',
        'Failure',
        'FailurePhase',
        'Handler',
        'HandlerFactory',
        'Heartbeat',
        'LeaseOptions',
        'LoneEndpointStats',
        'LoneStats',
        'ManagedSocket',
        'ManagerStats',
        'MaxAge',
        'PickOptions',
        'PickReadyOptions',
        'Pool',
        'PoolOptions',
        'PoolStats',
        'Prelude',
        'PreludeContext',
        'PreludeSocket',
      ],
      ['ReadyOptions', 'RequestOptions', 'RequestStats', 'Reset', 'ResetCode', 'ResetOptions', 'SendOptions'],
      ['SharedCounters'],
      ['TlsOptions', 'TlsSource'],
    ].flat(),
  },
  'connman/discovery': {
    entry: 'dist/discovery/index.d.ts',
    values: ['createLookup', 'dnsAddresses', 'dnsServices', 'etcd', 'file', 'lookup', 'redisSentinel'],
    types: [
      ['DnsLookupOptions', 'DnsOptions', 'DnsServicesOptions', 'EtcdOptions', 'FileOptions'],
      ['RedisSentinelOptions'],
    ].flat(),
  },
  'connman/metrics': {
    entry: 'dist/metrics/index.d.ts',
    values: ['openTelemetry', 'prometheus'],
    types: [
      ['Measured', 'MeasuredManager', 'MeasuredPool', 'MeterAttributes', 'MeterResult', 'MetricsOptions'],
      ['OpenTelemetryMeter', 'PrometheusExporter', 'PrometheusRegistry'],
    ].flat(),
  },
  'connman/prelude': {
    entry: 'dist/prelude/index.d.ts',
    values: ['expect', 'httpConnect', 'proxyHeader'],
    types: ['HttpConnectOptions', 'ProxyHeaderOptions'],
  },
  'connman/monitor': {
    entry: 'dist/monitor/index.d.ts',
    values: ['startMonitor'],
    types: ['Monitor', 'MonitorOptions'],
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

const published = [
  /^dist\/(index|pools|shared|cli\/index|discovery\/index|metrics\/index|monitor\/index|prelude\/index|testing\/index)\.js$/,
  /^dist\/(index|discovery\/index|metrics\/index|monitor\/index|prelude\/index|testing\/index)\.d\.ts$/,
  /^dist\/esm\/.+\.mjs$/,
  /^dashboards\/(alerts\.yml|grafana\.json)$/,
  /^docs\/((?!architecture|benchmarks)[^/]+\.md|guides\/recipes\.md|pictures\/life\.svg|benchmarks\/(attempts|messages)\.svg)$/,
  /^examples\/(README\.md|graceful-stop\.ts|(clients|discovery|preludes|requests|telemetry)\/.+)$/,
  /^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/,
];
/** What makes it larger has to be worth it. Without the entries and features that came later: 160 kB and 650 kB. */
const largest = { packed: 372_000, installed: 1_320_000 };

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
    expect(paths.filter((path) => !published.some((pattern) => pattern.test(path)))).toEqual([]);
    expect(paths).toContain('LICENSE');
  });

  test('is small', () => {
    expect(packed.size).toBeLessThan(largest.packed);
    expect(packed.unpackedSize).toBeLessThan(largest.installed);
  });

  test('holds what the sources build, byte for byte', async () => {
    const rebuilt = project.path('rebuilt');
    await run(process.execPath, [join(repository, 'scripts', 'build.mjs'), rebuilt], repository);
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
    const args = ['--no-definitely-typed'];
    await project.node(tool('@arethetypeswrong/cli/dist/index.js'), packed.filename, ...args);
  });
});

describe.each(Object.entries(api))('%s, installed', (module, { entry, values, types }) => {
  test('has names that an ES module can import', async () => {
    const program = `
      import { ${values.join(', ')} } from '${module}';
      console.log(JSON.stringify([${values.map((name) => `typeof ${name}`).join(', ')}]));`;
    const kinds = values.map((name) => (name === 'defaultManager' ? 'object' : 'function'));
    expect(await project.evaluate('names.mjs', program)).toEqual(kinds);
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

describe('the command, installed by npm', () => {
  const installed = new ScratchProject();

  beforeAll(() => installed.npmInstall('--offline', packed.filename));
  afterAll(() => installed.remove());

  /** Starts `npx connman …`, with all that it starts in a process group of its own. */
  function npx(...args: string[]): ChildProcessByStdio<null, Readable, null> {
    const command = ['npx', '--no-install', 'connman', ...args];
    // No argument has a space, and on Windows npx is no program.
    return spawn(command.join(' '), {
      cwd: installed.folder,
      shell: true,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  test('says its version', async () => {
    const { version }: { version: string } = JSON.parse(
      readFileSync(join(repository, 'package.json'), 'utf8'),
    );
    expect(await text(npx('--version').stdout)).toBe(`${version}\n`);
  });

  test.skipIf(process.platform === 'win32')('serves, and ends at Ctrl-C', async () => {
    const serve = npx('serve', '--greet', 'hello');
    try {
      const [line]: string[] = await once(createInterface(serve.stdout), 'line');
      const port = Number(/^listening on 127\.0\.0\.1:(\d+)$/.exec(line ?? '')?.[1]);
      const socket = connect(port, '127.0.0.1');
      expect(String(await once(socket, 'data'))).toBe('hello\r\n');
      socket.destroy();
    } finally {
      // What Ctrl-C does: all of the group get the signal.
      process.kill(-(serve.pid ?? 0), 'SIGINT');
      await once(serve, 'close');
    }
  });
});

describe('the installed package', () => {
  test.each(programs)('$title', async ({ file, text: program, expected }) => {
    expect(await project.evaluate(file, program)).toEqual(expected);
  });

  test('has a pool over TLS', async () => {
    const { file, text: program, expected } = securedPool(await certificates());
    expect(await project.evaluate(file, program)).toEqual(expected);
  });
});
