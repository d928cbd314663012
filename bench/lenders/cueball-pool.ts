import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import { host, type Witness } from './lender.js';
import { requirePeer } from './peers.js';

/** A connection that cueball lends. */
export interface Claim {
  release(): void;
}

interface Resolver {
  start(): void;
  stop(): void;
}

interface ConnectionPool {
  claim(options: object, callback: (error: Error | null, claim: Claim) => void): void;
  stop(): void;
}

interface Cueball {
  readonly StaticIpResolver: new (options: {
    backends: readonly { address: string; port: number }[];
    log: object;
  }) => Resolver;
  readonly ConnectionPool: new (options: {
    domain: string;
    log: object;
    resolver: Resolver;
    readonly constructor: (backend: { address: string; port: number }) => Socket;
    spares: number;
    maximum: number;
    recovery: Record<string, { timeout: number; retries: number; delay: number; maxDelay: number }>;
  }) => ConnectionPool;
}

/** cueball, with a resolver that knows one address, and the recovery that its documentation shows. */
export function cueballPool(
  port: number,
  size: number,
  witness: Witness,
): { readonly pool: ConnectionPool; readonly resolver: Resolver } {
  const { ConnectionPool, StaticIpResolver } = requirePeer('cueball') as Cueball;
  const log = silentLog();
  const resolver = new StaticIpResolver({ backends: [{ address: host, port }], log });
  const pool = new ConnectionPool({
    domain: host,
    log,
    resolver,
    constructor: (backend) => watched(connect(backend.port, backend.address), witness),
    spares: size,
    maximum: size,
    recovery: { default: { timeout: 2_000, retries: 5, delay: 250, maxDelay: 1_000 } },
  });
  resolver.start();
  return { pool, resolver };
}

interface Bunyan {
  createLogger(options: { name: string; level: 'fatal' }): object;
}

/** It would print a line for each dial that fails, and more: that is not what is compared. */
function silentLog(): object {
  const { createLogger } = createRequire(requirePeer.resolve('cueball'))('bunyan') as Bunyan;
  return createLogger({ name: 'cueball', level: 'fatal' });
}

function watched(socket: Socket, witness: Witness): Socket {
  return socket.once('connect', () => {
    socket.once('close', () => witness.down());
    witness.up();
  });
}
