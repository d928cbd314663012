import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from './certificates.js';
import type { Installable } from './installed-server.js';

/** memcached, with no values. */
export const memcached: Installable = {
  command: 'memcached',
  package: 'memcached',
  args: ({ port }) => ['-l', '127.0.0.1', '-p', String(port), '-U', '0'],
  probe: { ask: 'version\r\n', answer: 'VERSION ' },
};

/** Redis, which keeps nothing over a restart. */
export const redis: Installable = {
  command: 'redis-server',
  package: 'redis-server',
  // It does not wait for more replicas before the first copy.
  args: ({ port }) =>
    `--port ${port} --bind 127.0.0.1 --save  --appendonly no --repl-diskless-sync-delay 0`.split(' '),
  probe: { ask: 'PING\r\n', answer: '+PONG' },
};

/** A replica of the Redis at a port. */
export function redisReplica(primary: number): Installable {
  return { ...redis, args: (place) => [...redis.args(place), '--replicaof', '127.0.0.1', String(primary)] };
}

/** A Redis Sentinel, one of three that watch the Redis at a port, whose name is `shop`. It takes a password. */
export function redisSentinel(primary: number, password: string): Installable {
  const config = (folder: string): string => join(folder, 'sentinel.conf');
  const lines = [
    'bind 127.0.0.1',
    `requirepass ${password}`,
    `sentinel sentinel-pass ${password}`,
    `sentinel monitor shop 127.0.0.1 ${primary} 2`,
    'sentinel down-after-milliseconds shop 200',
    'sentinel failover-timeout shop 2000',
    'sentinel parallel-syncs shop 8',
  ];
  return {
    ...redis,
    // It writes what it learns into that file.
    prepare: ({ folder }) => (
      writeFileSync(config(folder), `${lines.join('\n')}\n`),
      chmodSync(config(folder), 0o666)
    ),
    args: ({ port, folder }) => [config(folder), '--sentinel', '--port', String(port)],
    probe: { ask: `AUTH ${password}\r\nPING\r\n`, answer: '+OK\r\n+PONG' },
  };
}

/** Mosquitto, which lets everybody in and keeps nothing over a restart. */
export const mosquitto: Installable = {
  command: 'mosquitto',
  package: 'mosquitto',
  args: ({ port }) => ['-p', String(port)],
  // CONNECT of MQTT 3.1.1 with a clean session, and CONNACK.
  probe: { ask: Buffer.from('\x10\x11\0\x04MQTT\x04\x02\0\x3c\0\x05probe', 'latin1'), answer: ' \x02\0\0' },
};

/**
 * dnsmasq, which knows what these options for its command line say at the time when it is started, and what the file
 * `hosts` in its folder says, which it reads again at each SIGHUP; besides that, nothing below `test`.
 */
export function dnsmasq(records: readonly string[] = []): Installable {
  const place = ['--conf-file=/dev/null', '--pid-file=', '--listen-address=127.0.0.1', '--bind-interfaces'];
  const known = ['--no-resolv', '--no-hosts', '--local=/test/', '--host-record=ready.test,127.0.0.1'];
  const hosts = (folder: string): string => join(folder, 'hosts');
  return {
    command: 'dnsmasq',
    package: 'dnsmasq-base',
    prepare: ({ folder }) => writeFileSync(hosts(folder), ''),
    args: ({ port, folder }) => [
      // Not even for TCP does it start another process, which would outlive it.
      '--no-daemon',
      ...place,
      ...known,
      `--port=${port}`,
      `--addn-hosts=${hosts(folder)}`,
      ...records,
    ],
    // The question for the address of ready.test, over TCP, and an answer that is as much longer as an address takes.
    probe: {
      ask: Buffer.from('\0\x1cup\x01\0\0\x01\0\0\0\0\0\0\x05ready\x04test\0\0\x01\0\x01', 'latin1'),
      answer: '\0,up',
    },
  };
}

/** etcd, alone, which keeps what it has over a restart. */
export const etcd: Installable = {
  command: 'etcd',
  package: 'etcd-server',
  args: ({ port, folder }) => {
    const url = `http://127.0.0.1:${port}`;
    // Nobody to vote with: it need not wait long. The shortest lease is one and a half times the timeout.
    const votes = ['--heartbeat-interval', '50', '--election-timeout', '500'];
    const clients = ['--listen-client-urls', url, '--advertise-client-urls', url];
    return [
      '--data-dir',
      join(folder, 'data'),
      ...clients,
      '--listen-peer-urls',
      'http://127.0.0.1:0',
      ...votes,
    ];
  },
  probe: { ask: 'GET /health HTTP/1.0\r\n\r\n', answer: 'HTTP/1.0 200 OK' },
};

/** Who may log in to the PostgreSQL here, and the database there is. */
export const postgresLogin = { user: 'postgres', password: 'correct horse', database: 'postgres' } as const;

/** PostgreSQL with a new cluster, which asks for a password. */
export const postgres: Installable = {
  command: join(newestPostgres(), 'postgres'),
  package: 'postgresql',
  prepare: ({ folder }, options) => {
    writeFileSync(join(folder, 'password'), postgresLogin.password, { mode: 0o644 });
    const args = ['-D', join(folder, 'data'), '-U', postgresLogin.user, '--pwfile', join(folder, 'password')];
    const fast = ['--no-sync', '--no-locale', '--encoding=UTF8', '--auth=scram-sha-256'];
    execFileSync(join(newestPostgres(), 'initdb'), [...args, ...fast], { ...options, stdio: 'pipe' });
  },
  args: ({ port, folder }) => [
    '-D',
    join(folder, 'data'),
    '-p',
    String(port),
    '-k',
    folder,
    '-F',
    ...settings({
      listen_addresses: '127.0.0.1',
      max_connections: '10',
      shared_buffers: '16MB',
      autovacuum: 'off',
      dynamic_shared_memory_type: 'mmap',
    }),
  ],
  // The start of a session, and the question for the password; before it is ready, the answer is an error.
  probe: { ask: Buffer.from('\0\0\0\x17\0\x03\0\0user\0postgres\0\0', 'latin1'), answer: 'R' },
  // Without cleaning up, it would leave its shared memory behind.
  stopSignal: 'SIGQUIT',
};

/** The same, with that certificate for those who ask for TLS. */
export function securePostgres({ key, cert }: Identity): Installable {
  return {
    ...postgres,
    prepare: (place, options) => {
      postgres.prepare?.(place, options);
      const file = join(place.folder, 'key.pem');
      writeFileSync(file, key, { mode: 0o600 });
      if (options.uid !== undefined) chownSync(file, options.uid, options.gid ?? options.uid);
      writeFileSync(join(place.folder, 'cert.pem'), cert, { mode: 0o644 });
    },
    args: (place) => [
      ...postgres.args(place),
      ...settings({
        ssl: 'on',
        ssl_key_file: join(place.folder, 'key.pem'),
        ssl_cert_file: join(place.folder, 'cert.pem'),
      }),
    ],
  };
}

function settings(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The folder of the newest PostgreSQL; Debian keeps its programs out of the PATH. */
function newestPostgres(): string {
  const folder = '/usr/lib/postgresql';
  try {
    const [newest = ''] = readdirSync(folder).toSorted((a, b) => Number(b) - Number(a));
    return join(folder, newest, 'bin');
  } catch {
    return '';
  }
}
