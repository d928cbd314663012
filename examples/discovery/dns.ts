/**
 * A pool over the servers that the DNS has for a service, as Kubernetes and Consul tell of theirs; it follows the DNS.
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
    // Kubernetes gives servers names below that of their service, which is always allowed; to Consul they are nodes, which
    // have a domain of their own.
    allowTarget: name.endsWith('.consul') ? (target) => target.endsWith('.consul') : undefined,
  }),
  // Two connections to each server, and to twenty servers at the most; docs/scaling.md has more of that.
  perEndpoint: 2,
  subset: 20,
});

process.once('SIGINT', () => void disconnectAll());
