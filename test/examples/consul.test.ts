import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import { consul } from '../../examples/discovery/consul.js';
import { until } from '../support/fixtures.js';
import { it as plainIt } from '../support/heard-source.js';

interface Told {
  readonly address: string;
  readonly node?: string;
  readonly port?: number;
  readonly status?: string;
  readonly weights?: { readonly Passing: number; readonly Warning: number };
}

/** A server that speaks what the documents of Consul say of blocking queries for the health of a service. */
class ConsulServer {
  readonly asked: URLSearchParams[] = [];
  token: string | undefined;
  readonly #server: Server = createServer((request, response) => this.#serve(request, response));
  readonly #held = new Set<ServerResponse>();
  #entries: readonly object[] = [];
  #index = 0;

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  /** These are the servers from now on, as of this index. */
  tell(index: number, ...told: readonly Told[]): void {
    this.#index = index;
    this.#entries = told.map(({ address, node = '10.9.9.9', port = 6_379, status = 'passing', weights }) => ({
      Node: { Address: node },
      Service: { Address: address, Port: port, Weights: weights },
      Checks: [{ Status: 'passing' }, { Status: status }],
    }));
    for (const response of this.#held) this.#answer(response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }

  #serve({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, this.url);
    if (headers['x-consul-token'] !== this.token) return void response.writeHead(403).end('ACL not found');
    if (pathname !== '/v1/health/service/cache') return void response.writeHead(404).end();
    this.asked.push(searchParams);
    if (Number(searchParams.get('index') ?? 0) === this.#index) this.#held.add(response);
    else this.#answer(response);
    response.once('close', () => this.#held.delete(response));
    return undefined;
  }

  #answer(response: ServerResponse): void {
    response.setHeader('X-Consul-Index', String(this.#index)).end(JSON.stringify(this.#entries));
  }
}

const it = plainIt.extend<{ agent: ConsulServer }>({
  // oxlint-disable-next-line no-empty-pattern
  agent: async ({}, use) => {
    await using agent = await new ConsulServer().listen();
    await use(agent);
  },
});

describe('consul.ts', () => {
  it('gives the servers that do not fail, with their weights, and waits for changes', async ({
    agent,
    hear,
  }) => {
    const weights = { Passing: 10, Warning: 2 };
    agent.tell(
      7,
      { address: '10.0.0.1', weights },
      { address: '10.0.0.2', weights, status: 'warning' },
      { address: '10.0.0.3', status: 'critical' },
      { address: '', node: '10.0.0.4' },
      { address: '10.0.0.5', port: 0 },
    );
    const heard = hear(
      consul({ service: 'cache', server: agent.url, hold: 30_000, tag: 'v1', datacenter: 'dc1' }),
    );
    await until(() => agent.asked.length === 2);
    expect(heard.endpoints).toEqual([
      { host: '10.0.0.1', port: 6_379, weight: 10 },
      { host: '10.0.0.2', port: 6_379, weight: 2 },
      { host: '10.0.0.4', port: 6_379, weight: 1 },
    ]);
    const first = { tag: 'v1', dc: 'dc1', wait: '30000ms' };
    expect(agent.asked.map((each) => Object.fromEntries(each))).toEqual([first, { ...first, index: '7' }]);
    agent.tell(9, { address: '10.0.0.6' });
    await until(() => heard.snapshots.length === 2);
    expect(heard.snapshots[1]).toBe('10.0.0.6');
  });

  it('begins anew when the index goes back', async ({ agent, hear }) => {
    agent.tell(70, { address: '10.0.0.1' });
    const heard = hear(consul({ service: 'cache', server: agent.url }));
    await until(() => agent.asked.length === 2);
    agent.tell(3, { address: '10.0.0.2' });
    await until(() => agent.asked.length === 4);
    expect(agent.asked.map((each) => each.get('index'))).toEqual([null, '70', null, '3']);
    expect([heard.snapshots, heard.confirmed]).toEqual([['10.0.0.1', '10.0.0.2'], 1]);
  });

  it('asks at once when the pool asks for an answer', async ({ agent, hear }) => {
    agent.tell(7, { address: '10.0.0.1' });
    const heard = hear(consul({ service: 'cache', server: agent.url }));
    await until(() => agent.asked.length === 2);
    heard.ask('refresh');
    await until(() => heard.confirmed === 1);
    expect(heard.error).toBeUndefined();
  });

  it('gives up a query that is held for too long, and shows no token that is refused', async ({
    agent,
    hear,
  }) => {
    agent.tell(7, { address: '10.0.0.1' });
    const late = hear(consul({ service: 'cache', server: agent.url, hold: 50, timeout: 400 }));
    await until(() => late.error !== undefined);
    expect(late.error).toMatchObject({ cause: { message: 'Consul: no answer within 453.125 ms' } });
    agent.token = 'right';
    const refused = hear(consul({ service: 'cache', server: agent.url, token: () => 'secret' }));
    const heard = hear(consul({ service: 'cache', server: agent.url, token: async () => 'right' }));
    await until(() => heard.snapshots.length === 1 && refused.error !== undefined);
    expect(String(refused.error)).toBe('Error: Consul: 403 for the service cache');
  });
});
