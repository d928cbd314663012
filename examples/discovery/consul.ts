/**
 * Follows the healthy servers of a service in Consul, with blocking queries:
 *
 *     createPool('cache', () => new Handler(), { discovery: consul({ service: 'cache' }) });
 *
 * The weight of a server is the one that it has in Consul for its state: of those that only give a warning, `Weights.Warning`.
 * Tested with a server that speaks the documented protocol, not with Consul itself.
 */
import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';
import { text } from 'node:stream/consumers';
import type { DiscoveredEndpoint, DiscoveryContext } from 'connman';

export interface ConsulOptions {
  readonly service: string;
  readonly tag?: string;
  readonly datacenter?: string;
  /** By default the agent of this host. */
  readonly server?: string;
  /** Asked for each query, since it may be replaced. It is in no error. */
  readonly token?: () => string | Promise<string>;
  /** Milliseconds: how long Consul may hold a query; beyond that, it has `timeout` to answer. */
  readonly hold?: number;
  readonly timeout?: number;
}

/** What `GET /v1/health/service/<name>` says of a server. */
interface Entry {
  readonly Node: { readonly Address: string };
  readonly Service: {
    /** Empty where it is that of the node. */
    readonly Address: string;
    readonly Port: number;
    readonly Weights?: { readonly Passing: number; readonly Warning: number };
  };
  readonly Checks: readonly { readonly Status: string }[];
}

interface Answer {
  readonly entries: readonly Entry[];
  readonly index: bigint;
}

/** The least time between two queries, in milliseconds: a busy service may change all the time. */
const leastPause = 100;

/** Makes a source for a pool. It throws when Consul does not answer: the pool keeps the last endpoints, and asks again. */
export function consul(options: ConsulOptions) {
  return async function* (
    signal: AbortSignal,
    { onDoubt, confirm }: DiscoveryContext,
  ): AsyncGenerator<DiscoveredEndpoint[], void> {
    let [index, given] = [0n, ''];
    while (!signal.aborted) {
      // A query that Consul holds is given up when the pool asks for an answer; or soon, when a server fails.
      const asked = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const leave = onDoubt((reason) => {
        timer ??= setTimeout(() => asked.abort(), reason === 'refresh' ? 0 : 1_000).unref();
      });
      try {
        const answer = await query(options, index, AbortSignal.any([signal, asked.signal]));
        // An index that goes back belongs to a Consul that was set up anew: from the beginning then.
        index = answer.index < index ? 0n : answer.index;
        const endpoints = answer.entries.flatMap(endpointOf);
        const said = JSON.stringify(endpoints.map((each) => JSON.stringify(each)).toSorted());
        if (said === given) confirm();
        else yield endpoints;
        given = said;
      } catch (error) {
        if (!asked.signal.aborted || signal.aborted) throw error;
        // At once, whatever has changed.
        index = 0n;
      } finally {
        leave();
        clearTimeout(timer);
      }
      await new Promise((resolve) => setTimeout(resolve, leastPause).unref());
    }
  };
}

function endpointOf({ Node, Service, Checks }: Entry): DiscoveredEndpoint[] {
  const { Address, Port, Weights = { Passing: 1, Warning: 1 } } = Service;
  const host = Address || Node.Address;
  const isWarning = Checks.some(({ Status }) => Status === 'warning');
  // One without a port is no server to connect to.
  return host && Port > 0
    ? [{ host, port: Port, weight: isWarning ? Weights.Warning : Weights.Passing }]
    : [];
}

/** Those whose checks do not fail, once that is something else than at the index; 0: at once. */
async function query(options: ConsulOptions, index: bigint, stop: AbortSignal): Promise<Answer> {
  const {
    service,
    tag,
    datacenter,
    server = 'http://127.0.0.1:8500',
    token,
    hold = 60_000,
    timeout = 5_000,
  } = options;
  const url = new URL(`/v1/health/service/${encodeURIComponent(service)}`, server);
  if (tag !== undefined) url.searchParams.set('tag', tag);
  if (datacenter !== undefined) url.searchParams.set('dc', datacenter);
  if (index > 0n) url.searchParams.set('index', String(index));
  url.searchParams.set('wait', `${hold}ms`);
  // Consul adds up to a sixteenth to the wait.
  const limit = timeout + (index > 0n ? hold * (1 + 1 / 16) : 0);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`Consul: no answer within ${limit} ms`)), limit);
  // A query that is held does not keep the process alive.
  if (index > 0n) timer.unref();
  const headers = token ? { 'X-Consul-Token': await token() } : {};
  const signal = AbortSignal.any([stop, late.signal]);
  const [response, body] = await get(url, { headers, agent: false, signal }, index > 0n).finally(() =>
    clearTimeout(timer),
  );
  if (response.statusCode !== 200)
    throw new Error(`Consul: ${response.statusCode} for the service ${service}`);
  // Not by `passing=true`, which leaves out those that give a warning.
  const entries = (JSON.parse(body) as readonly Entry[]).filter(({ Checks }) =>
    Checks.every(({ Status }) => Status !== 'critical'),
  );
  return { entries, index: BigInt(String(response.headers['x-consul-index'] ?? 0)) };
}

async function get(url: URL, options: RequestOptions, isHeld: boolean): Promise<[IncomingMessage, string]> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = (url.protocol === 'https:' ? requestSecure : requestPlain)(url, options);
    if (isHeld) asked.on('socket', (socket) => socket.unref());
    asked.on('response', resolve).on('error', reject).end();
  });
  return [response, await text(response)];
}
