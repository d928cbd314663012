import { connect, type Socket } from 'node:net';
import { host, type Lender } from './lender.js';
import { requirePeer } from './peers.js';

interface Claim {
  release(): void;
}

interface Cueball {
  readonly StaticIpResolver: new (options: { backends: readonly { address: string; port: number }[] }) => {
    start(): void;
  };
  readonly ConnectionPool: new (options: {
    domain: string;
    resolver: object;
    readonly constructor: (backend: { address: string; port: number }) => Socket;
    spares: number;
    maximum: number;
    recovery: Record<string, { timeout: number; retries: number; delay: number }>;
  }) => {
    claim(options: object, callback: (error: Error | null, claim: Claim) => void): void;
  };
}

/** cueball, with a resolver that knows one address; it has callbacks only, so a promise is put around each. */
export function openCueball(port: number, size: number): Lender<Claim> {
  const { ConnectionPool, StaticIpResolver } = requirePeer('cueball') as Cueball;
  const resolver = new StaticIpResolver({ backends: [{ address: host, port }] });
  const pool = new ConnectionPool({
    domain: host,
    resolver,
    constructor: (backend) => connect(backend.port, backend.address),
    spares: size,
    maximum: size,
    recovery: { default: { timeout: 2_000, retries: 5, delay: 250 } },
  });
  resolver.start();
  return {
    acquire: () =>
      new Promise((resolve, reject) => {
        pool.claim({}, (error, claim) => (error ? reject(error) : resolve(claim)));
      }),
    release: (claim) => claim.release(),
  };
}
