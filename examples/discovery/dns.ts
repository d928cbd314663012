/**
 * A pool of connections to the servers of a service in the DNS, for example of Kubernetes or Consul. It follows the DNS.
 *
 *     npx tsx examples/discovery/dns.ts _memcache._tcp.cache.default.svc.cluster.local
 *     npx tsx examples/discovery/dns.ts _memcache._tcp.service.consul 127.0.0.1:8600
 *
 * Ctrl-C ends it.
 */
import {
  createPool,
  disconnectAll,
  type Endpoint,
  type Handler,
  type ManagedSocket,
  type Reset,
} from 'connman';
import { dnsServices } from 'connman/discovery';

class Server implements Handler {
  readonly #name: string;

  constructor({ host, port }: Endpoint) {
    this.#name = `${host}:${port}`;
  }

  onConnect(_socket: ManagedSocket): void {
    console.log(`${this.#name}: connected`);
  }

  onReset(reset: Reset): void {
    console.log(`${this.#name}: ${reset.code}`);
  }

  onReconnect(_socket: ManagedSocket): void {
    console.log(`${this.#name}: reconnected`);
  }
}

const [name = '_memcache._tcp.cache.default.svc.cluster.local', resolver] = process.argv.slice(2);

createPool('servers', (endpoint) => new Server(endpoint), {
  discovery: dnsServices(name, {
    servers: resolver === undefined ? undefined : [resolver],
  }),
  // Two connections to each of at most twenty servers: see docs/scaling.md.
  perEndpoint: 2,
  subset: 20,
});

process.once('SIGINT', () => void disconnectAll());
