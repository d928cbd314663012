import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, LookupFunction } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import {
  constant,
  type Backoff,
  type ConnectionManager,
  type ConnectionOptions,
  type ManagedSocket,
  type TlsOptions,
} from '../../src/index.js';
import { stall } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { it as plainIt, type Listening } from '../support/channels.js';
import { nextTurn, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';
import { unchecked } from '../support/call.js';

const canary = 'canary-4f1c9a7e';

/** A handler with a secret, which it writes and reads in every life. */
class Secretive extends Recorder {
  readonly password = canary;
  readonly nested = { token: Buffer.from(canary), [canary]: canary };

  override onConnect(socket: ManagedSocket): void | Promise<void> {
    socket.write(canary);
    return super.onConnect(socket);
  }

  override onReconnect(socket: ManagedSocket): void | Promise<void> {
    socket.write(canary);
    return super.onReconnect(socket);
  }
}

/** Everything that connman has said, to be searched for secrets. */
class Findings {
  readonly #secrets: string[] = [canary, Buffer.from(canary).toString('hex').replaceAll(/(..)/g, ' $1')];
  readonly #said: string[] = [];

  /** How much was said. */
  get count(): number {
    return this.#said.length;
  }

  /** One more text that must not be said. */
  secret(text: string): void {
    this.#secrets.push(text);
  }

  add(...values: readonly unknown[]): void {
    for (const value of values) {
      this.#said.push(inspect(value, { depth: 10, showHidden: true, maxArrayLength: 1_000 }));
      if (value instanceof Error) this.#said.push(value.message, String(value.stack), JSON.stringify(value));
    }
  }

  /** What a call throws or rejects with; it must. */
  async failure(call: () => unknown): Promise<void> {
    let error: unknown;
    try {
      await call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(Error);
    this.add(error);
  }

  /** All that a handler was told, but for what was read. */
  addRecords({ resets, failures, closings, errors }: Recorder): void {
    this.add(resets, failures, closings, errors);
    for (const { error } of [...resets, ...failures, ...closings, ...errors]) this.add(error);
  }

  addSnapshots(manager: ConnectionManager, ...names: readonly string[]): void {
    this.add(manager);
    for (const name of names) {
      const pool = manager.getPool(name);
      this.add(pool, pool?.stats(), ...(pool ?? []), ...[...(pool ?? [])].map((each) => each.stats()));
    }
  }

  /** Where a secret was said; nothing if all is well. */
  get leaks(): string[] {
    return this.#said.filter((text) => this.#secrets.some((secret) => text.includes(secret)));
  }
}

const it = plainIt.extend<{ findings: Findings }>({
  findings: async ({ channels }: { channels: Listening }, use) => {
    const findings = new Findings();
    await use(findings);
    findings.add(...channels.heard.map(({ payload }) => payload));
    expect(findings.leaks).toEqual([]);
    expect(findings.count).toBeGreaterThan(0);
  },
});

it('the search for secrets finds them', () => {
  const findings = new Findings();
  findings.add(new Error(`wrong: ${canary}`), { deep: [{ token: Buffer.from(canary) }] }, 'nothing');
  expect(findings.leaks.length).toBeGreaterThanOrEqual(4);
});

it('what is written and read, and the handler', async ({ server, manager, findings }) => {
  const { port, host } = server;
  const handler = new Secretive();
  const pool = manager.createPool('p', () => handler, {
    backoff: constant(0),
    heartbeat: { interval: 5, timeout: 1_000, ping: (socket) => void socket.write(canary) },
  });
  const connection = pool.addConnection(port, host);
  await until(() => connection.stats().pings > 1);
  findings.addSnapshots(manager, 'p');
  connection.reset(new Error('said the test'));
  await handler.until('reconnect');
  server.dropAll('reset');
  connection.socket.write(canary, (error) => error && findings.add(error));
  await handler.until('reconnect', 2);
  connection.socket.destroy();
  expect(connection.socket.write(canary, (error) => findings.add(error))).toBe(false);
  connection.socket.end(canary, () => undefined);
  await findings.failure(() => connection.socket.write(unchecked({ [canary]: canary })));
  await pool.disconnect();
  await findings.failure(() => connection.ready());
  findings.addRecords(handler);
  findings.add(connection, pool);
});

it('what waits to be sent when there is too much of it', async ({ server, manager, findings }) => {
  server.script = () => stall();
  const handler = new Secretive();
  const pool = manager.createPool('p', () => handler, { backoff: constant(0), maxBuffered: 1_000_000 });
  const connection = pool.addConnection(server.port, server.host);
  await connection.ready();
  while (handler.count('reset') === 0) {
    connection.socket.write(canary.repeat(10_000));
    if (connection.stats().unsentBytes > 0) findings.addSnapshots(manager, 'p');
    await nextTurn();
  }
  expect(handler.resets[0]?.code).toBe('max-buffered');
  findings.addRecords(handler);
});

it('keys, passphrases and other options of TLS, over lives and failures', async ({
  server,
  manager,
  findings,
}) => {
  const { ca, localhost, client } = await certificates();
  const key = createPrivateKey(client.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: canary,
  });
  for (const pem of [client.key, key.toString()]) findings.secret(pem.split('\n')[1] as string);
  const sockets: TLSSocket[] = [];
  const tlsServer = createServer({ ...localhost, ca, requestCert: true }, (socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(tlsServer, 'listening');
  const { port } = tlsServer.address() as AddressInfo;
  const handler = new Secretive();
  const lookup: LookupFunction = (_, options, answer) =>
    options.all ? answer(null, [{ address: '127.0.0.1', family: 4 }]) : answer(null, '127.0.0.1', 4);
  const tls: TlsOptions = { ca, cert: client.cert, key, passphrase: canary };
  const options: ConnectionOptions = {
    tls,
    lookup: Object.assign(lookup, { token: canary }),
    backoff: unchecked<Backoff>({ ...constant(0), token: canary }),
    signal: new AbortController().signal,
  };
  const pool = manager.createPool('p', () => handler, options);
  const connection = pool.addConnection(port, 'localhost');
  await handler.until('data');
  findings.addSnapshots(manager, 'p');
  findings.add(connection.socket);
  sockets[0]?.destroy();
  await handler.until('reconnect');
  // A plain server, and one that nobody has made a certificate for.
  const others = [new Secretive(), new Secretive()] as const;
  manager.connect(server.port, server.host, others[0], { ...options, maxAttempts: 2 });
  manager.connect(port, 'other.test', others[1], { ...options, maxAttempts: 2 });
  await Promise.all(others.map((other) => other.until('close')));
  await pool.disconnect({ grace: 0 });
  for (const each of [handler, ...others]) findings.addRecords(each);
  await findings.failure(() => pool.addConnection(port, 'localhost'));
  for (const wrong of [
    { ...tls, passphrase: `wrong ${canary}` },
    { ...tls, key: key.toString().replace('\n', '\nx') },
  ])
    await findings.failure(() => manager.connect(port, 'localhost', handler, { tls: wrong }));
  tlsServer.close();
  await once(tlsServer, 'close');
});

const tlsNames: Readonly<Record<Exclude<keyof TlsOptions, 'servername'>, true>> = {
  ALPNProtocols: true,
  allowPartialTrustChain: true,
  ca: true,
  cert: true,
  certificateCompression: true,
  checkServerIdentity: true,
  ciphers: true,
  clientCertEngine: true,
  crl: true,
  dhparam: true,
  ecdhCurve: true,
  enableTrace: true,
  honorCipherOrder: true,
  key: true,
  maxVersion: true,
  minDHSize: true,
  minVersion: true,
  onread: true,
  passphrase: true,
  pfx: true,
  privateKeyEngine: true,
  privateKeyIdentifier: true,
  pskCallback: true,
  rejectUnauthorized: true,
  requestOCSP: true,
  secureContext: true,
  secureOptions: true,
  secureProtocol: true,
  sessionIdContext: true,
  sessionTimeout: true,
  sigalgs: true,
  ticketKeys: true,
};

const optionNames: Readonly<Record<keyof ConnectionOptions, true>> = {
  prelude: true,
  tls: true,
  connectTimeout: true,
  handshakeTimeout: true,
  backoff: true,
  stableAfter: true,
  maxAttempts: true,
  shouldRetry: true,
  heartbeat: true,
  idleTimeout: true,
  maxAge: true,
  maxBuffered: true,
  autoCork: true,
  listeners: true,
  reuseReadBuffer: true,
  signal: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: true,
  allowHalfOpen: true,
  highWaterMark: true,
  readableHighWaterMark: true,
  writableHighWaterMark: true,
  onread: true,
  blockList: true,
  family: true,
  hints: true,
  lookup: true,
  localAddress: true,
  localPort: true,
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: true,
  timeout: true,
};

const forms: readonly unknown[] = [canary, Buffer.from(canary), [canary], { x: canary }];

it.for(Object.keys(optionNames))('a secret as the option %s', async (name, { manager, findings }) => {
  for (const value of forms.filter((form) => typeof form !== 'object' || name !== 'tls')) {
    const options = unchecked<ConnectionOptions>({ [name]: value });
    await findings.failure(() => manager.connect(1, '127.0.0.1', new Secretive(), options));
  }
});

it.for(Object.keys(tlsNames))(
  'a secret as the option tls.%s',
  async (name, { server, manager, findings }) => {
    for (const value of forms) {
      const handler = new Secretive();
      const tls = unchecked<TlsOptions>({ [name]: value });
      try {
        const connection = manager.connect(server.port, server.host, handler, { tls, maxAttempts: 1 });
        await handler.until('close');
        findings.add(connection, connection.stats());
        findings.addRecords(handler);
      } catch (error) {
        findings.add(error);
      }
    }
  },
);

it('a password in a URL that is given where a host or a path belongs', async ({ manager, findings }) => {
  const pool = manager.createPool('p', () => new Secretive());
  for (const url of [
    `redis://user:${canary}@a.test:6379/0`,
    `user:${canary}@a.test`,
    `https://${canary}@a.test`,
  ]) {
    const handler = new Secretive();
    await findings.failure(() => manager.connect(80, url, handler));
    await findings.failure(() => manager.connect({ host: url, port: 80 }, handler));
    await findings.failure(() =>
      manager.connect(
        [
          { host: 'a.test', port: 80 },
          { host: url, port: 80 },
        ],
        handler,
      ),
    );
    await findings.failure(() => pool.addConnection(80, url));
    await findings.failure(() => manager.connect(unchecked<never>(url), unchecked(url), handler));
  }
  for (const url of [`redis://user:${canary}@a.test:6379/0`, `unix://user:${canary}@/run/x.sock`]) {
    await findings.failure(() => manager.connect({ path: url }, new Secretive()));
    await findings.failure(() => pool.addConnection({ path: url }));
  }
  expect(pool.size).toBe(0);
});

it('a secret in the place of an argument', async ({ manager, findings }) => {
  const text = unchecked<never>(canary);
  const pool = manager.createPool('p', () => new Secretive());
  await findings.failure(() => manager.connect(text, '127.0.0.1', new Secretive()));
  await findings.failure(() => manager.connect(80, '127.0.0.1', text));
  await findings.failure(() =>
    manager.connect(
      80,
      '127.0.0.1',
      Object.assign(new Secretive(), { onReset: unchecked<() => void>(canary) }),
    ),
  );
  await findings.failure(() => manager.createPool('q', text));
  await findings.failure(() => manager.createPool('q', () => new Secretive(), text));
  await findings.failure(() => manager.disconnectAll(text));
  await findings.failure(() => pool.removeConnection(text));
  await findings.failure(() => pool.getConnection(text));
  await findings.failure(() => pool.ready(text));
  await findings.failure(() => pool.disconnect(unchecked({ grace: canary })));
});
