import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Endpoints = readonly {
  readonly addresses: readonly string[];
  readonly zone?: string;
  readonly ready?: boolean;
}[];

/** A server that speaks what the documents of Kubernetes say of listing and watching EndpointSlices. */
export class KubernetesServer {
  /** The folder of a service account. */
  readonly account: string = mkdtempSync(join(tmpdir(), 'connman-account-'));
  /** What was asked: `list` or `watch` and the version. */
  readonly asked: string[] = [];
  readonly #server: Server = createServer((request, response) => this.#serve(request, response));
  readonly #slices = new Map<string, object>();
  readonly #watches = new Set<ServerResponse>();
  #token = '';
  #version = 100;
  /** What becomes of every watch at once: it is too old, or it ends. */
  fault: 'too old' | 'ends' | undefined;
  /** The oldest version that it still knows. */
  #oldest = 0;

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<this> {
    writeFileSync(join(this.account, 'namespace'), 'shop\n');
    this.rotateToken('first');
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  /** From now on, another token is valid. */
  rotateToken(token: string): void {
    this.#token = token;
    writeFileSync(join(this.account, 'token'), token);
  }

  /** Another service account has the folder. */
  forgeToken(token: string): void {
    writeFileSync(join(this.account, 'token'), token);
  }

  put(name: string, endpoints: Endpoints, port = 11_211): void {
    const type = this.#slices.has(name) ? 'MODIFIED' : 'ADDED';
    const slice = {
      metadata: { name, resourceVersion: String((this.#version += 1)) },
      addressType: 'IPv4',
      ports: [
        { name: 'metrics', port: 9_100 },
        { name: 'tcp', port },
      ],
      endpoints: endpoints.map(({ ready, ...rest }) => ({ ...rest, conditions: { ready } })),
    };
    this.#slices.set(name, slice);
    this.#tell(type, slice);
  }

  remove(name: string): void {
    this.#slices.delete(name);
    this.#tell('DELETED', { metadata: { name, resourceVersion: String((this.#version += 1)) } });
  }

  /** Tells how far all is, since much has happened to other services. */
  bookmark(): void {
    this.#tell('BOOKMARK', { metadata: { name: '', resourceVersion: String((this.#version += 100)) } });
  }

  /** Forgets all that has happened until now. */
  compact(): void {
    this.#oldest = this.#version += 1;
  }

  /** Ends the watches, as after `timeoutSeconds`; or with an event, where they are too old. */
  endWatches(code?: number): void {
    if (code) this.#tell('ERROR', { code, message: 'too old resource version' });
    for (const watch of this.#watches) watch.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
    rmSync(this.account, { recursive: true });
  }

  #tell(type: string, object: object): void {
    for (const watch of this.#watches) watch.write(`${JSON.stringify({ type, object })}\n`);
  }

  #serve({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams: query } = new URL(url, this.url);
    const isService = query.get('labelSelector') === 'kubernetes.io/service-name=cache';
    const isPath = pathname === '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices';
    if (headers.authorization !== `Bearer ${this.#token}`)
      return void response.writeHead(401).end('{"code":401}');
    if (!isPath || !isService) return void response.writeHead(404).end('{"code":404}');
    return query.has('watch') ? this.#watch(query, response) : this.#list(query, response);
  }

  /** A page for each slice. */
  #list(query: URLSearchParams, response: ServerResponse): void {
    const slices = [...this.#slices.values()];
    const at = Number(query.get('continue') ?? 0);
    if (at === 0) this.asked.push('list');
    const next = at + 1 < slices.length ? { continue: String(at + 1) } : {};
    const metadata = { resourceVersion: String(this.#version), ...next };
    response.end(JSON.stringify({ metadata, items: slices.slice(at, at + 1) }));
  }

  #watch(query: URLSearchParams, response: ServerResponse): void {
    const version = Number(query.get('resourceVersion'));
    this.asked.push(`watch ${version}`);
    if (this.fault === 'ends') return void response.end();
    if (this.fault === 'too old' || version < this.#oldest)
      return void response.writeHead(410).end('{"code":410}');
    response.flushHeaders();
    this.#watches.add(response);
    response.once('close', () => this.#watches.delete(response));
    return undefined;
  }
}
