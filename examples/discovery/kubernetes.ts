/**
 * Follows the EndpointSlices of a service in Kubernetes: it lists and watches them, as the API describes.
 *
 *     createPool('cache', () => new Handler(), { discovery: kubernetes({ service: 'cache', port: 'tcp', zone: process.env.ZONE }) });
 *
 * In a pod it needs no more than a service account that may `list` and `watch` `endpointslices`. Endpoints of its own zone get
 * the priority 0, the others 1. Tested with a server that speaks the documented protocol, not with Kubernetes itself.
 */
import { readFile } from 'node:fs/promises';
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { text } from 'node:stream/consumers';
import type { DiscoveredEndpoint, DiscoveryContext } from 'connman';

export interface KubernetesOptions {
  readonly service: string;
  /** The name of the port, or its number. */
  readonly port: string | number;
  readonly zone?: string | undefined;
  /** By default those of the pod. */
  readonly namespace?: string;
  readonly server?: string;
  /** The folder with `token`, `ca.crt` and `namespace`. */
  readonly account?: string;
  /** Milliseconds: the limit for a list, and how often to list anew, since a silent watch may be dead. */
  readonly timeout?: number;
  readonly refresh?: number;
}

interface Slice {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
  readonly endpoints?:
    | readonly {
        readonly addresses: readonly string[];
        /** `ready` is unknown where it is left out, which counts as ready. */
        readonly conditions?: { readonly ready?: boolean | null };
        readonly zone?: string | null;
      }[]
    | null;
}

interface SliceList {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly Slice[];
}

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Slice & { readonly code?: number; readonly message?: string };
}

const podAccount = '/var/run/secrets/kubernetes.io/serviceaccount';
const podServer = `https://${process.env['KUBERNETES_SERVICE_HOST']}:${process.env['KUBERNETES_SERVICE_PORT']}`;

/** Makes a source for a pool. It throws when the API does not answer: the pool keeps the last endpoints, and asks again. */
export function kubernetes(options: KubernetesOptions) {
  return (_signal: AbortSignal, context: DiscoveryContext): AsyncGenerator<DiscoveredEndpoint[], void> =>
    new Slices(options, context).snapshots();
}

class Slices {
  readonly #options: KubernetesOptions;
  readonly #context: DiscoveryContext;
  #slices: Map<string, Slice> = new Map();
  /** Where the watch goes on. */
  #version = '';
  #given = '';

  constructor(options: KubernetesOptions, context: DiscoveryContext) {
    this.#options = options;
    this.#context = context;
  }

  async *snapshots(): AsyncGenerator<DiscoveredEndpoint[], void> {
    const { signal, wait, wake, confirm, fail } = this.#context;
    const { refresh = 300_000 } = this.#options;
    while (!signal.aborted) {
      await this.#list();
      if (JSON.stringify(this.#endpoints()) === this.#given) confirm();
      const ending = new AbortController();
      const watch: { isOver: boolean; failure?: unknown } = { isOver: false };
      const end = (failure?: unknown): void => {
        Object.assign(watch, { isOver: true, failure });
        if (!ending.signal.aborted) wake();
      };
      this.#watch(ending.signal).then(end, end);
      try {
        do yield* this.#news();
        while ((await wait(refresh)) === 'woken' && !watch.isOver && !signal.aborted);
      } finally {
        ending.abort();
      }
      if (watch.failure === undefined) continue;
      fail(watch.failure);
      await pause(1_000);
    }
  }

  *#news(): Generator<DiscoveredEndpoint[], void> {
    const endpoints = this.#endpoints();
    const given = JSON.stringify(endpoints);
    if (given === this.#given) return;
    this.#given = given;
    yield endpoints;
  }

  /** Those that are ready, each once: two slices may have the same for a while. */
  #endpoints(): DiscoveredEndpoint[] {
    const { port: wanted, zone: own } = this.#options;
    const found = new Map<string, DiscoveredEndpoint>();
    for (const { ports, endpoints } of this.#slices.values()) {
      const port = ports?.find((each) => each.name === wanted || each.port === wanted)?.port;
      if (port === undefined) continue;
      for (const { addresses, conditions, zone } of endpoints ?? []) {
        const [host] = addresses;
        if (host === undefined || conditions?.ready === false) continue;
        const priority = own === undefined || zone === own ? 0 : 1;
        found.set(`${host} ${port}`, { host, port, priority });
      }
    }
    return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
  }

  async #list(): Promise<void> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#options.timeout ?? 10_000);
    try {
      await this.#listAll(AbortSignal.any([this.#context.signal, late.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  async #listAll(signal: AbortSignal): Promise<void> {
    const slices = new Map<string, Slice>();
    let next: string | undefined;
    do {
      const response = await this.#get({ limit: '500', ...(next && { continue: next }) }, signal);
      const { items, metadata } = JSON.parse(await text(response)) as SliceList;
      for (const slice of items) slices.set(slice.metadata.name, slice);
      this.#version = metadata.resourceVersion;
      next = metadata.continue;
    } while (next);
    this.#slices = slices;
  }

  /** The API ends each watch after a while. One that ends at once is not begun again at once. */
  async #watch(signal: AbortSignal): Promise<void> {
    for (let goesOn = true; goesOn;) {
      const moment = pause(250);
      goesOn = await this.#follow(signal);
      await moment;
    }
  }

  /** Follows the changes in one watch. Returns whether the next one may follow: not after 410, when what came next is forgotten. */
  async #follow(signal: AbortSignal): Promise<boolean> {
    const query = { watch: '1', allowWatchBookmarks: 'true', resourceVersion: this.#version };
    const response = await this.#get({ ...query, timeoutSeconds: '240' }, signal);
    if (response.statusCode === 410) return false;
    // The watch does not keep the process alive.
    response.socket.unref();
    for await (const { type, object } of lines(response)) {
      if (signal.aborted || (type === 'ERROR' && object.code === 410)) return false;
      if (type === 'ERROR') throw new Error(`Kubernetes: ${object.code} ${object.message}`);
      this.#version = object.metadata.resourceVersion;
      if (type === 'BOOKMARK') continue;
      if (type === 'DELETED') this.#slices.delete(object.metadata.name);
      else this.#slices.set(object.metadata.name, object);
      this.#context.wake();
    }
    return true;
  }

  /** The token is read anew for each request: Kubernetes replaces it every hour. */
  async #get(query: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    const { service, account = podAccount, server = podServer } = this.#options;
    const read = async (name: string): Promise<string> =>
      (await readFile(`${account}/${name}`, 'utf8')).trim();
    const namespace = this.#options.namespace ?? (await read('namespace'));
    const selector = { labelSelector: `kubernetes.io/service-name=${service}` };
    const path = `/apis/discovery.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/endpointslices`;
    const url = new URL(`${path}?${new URLSearchParams({ ...selector, ...query }).toString()}`, server);
    const headers = { Authorization: `Bearer ${await read('token')}`, Accept: 'application/json' };
    const isPlain = url.protocol === 'http:';
    const options = { headers, signal, agent: false, ...(!isPlain && { ca: await read('ca.crt') }) };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = isPlain ? requestPlain(url, options) : requestSecure(url, options);
      asked.on('response', resolve).on('error', reject).end();
    });
    if (response.statusCode === 200 || (query['watch'] && response.statusCode === 410)) return response;
    response.resume();
    throw new Error(`Kubernetes: ${response.statusCode} for the EndpointSlices of ${namespace}/${service}`);
  }
}

function pause(milliseconds: number): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}

/** The events of a watch: each is a line. */
async function* lines(response: IncomingMessage): AsyncGenerator<WatchEvent, void> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const whole = (rest + chunk).split('\n');
    rest = whole.pop() ?? '';
    if (rest.length > 16_777_216) throw new Error('Kubernetes: an event is too long');
    for (const line of whole) if (line !== '') yield JSON.parse(line) as WatchEvent;
  }
}
