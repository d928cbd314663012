/**
 * Follows the keys under a prefix in etcd, through the JSON gateway that every etcd (3.4 and later) has:
 *
 *     createPool('cache', () => new Handler(), { discovery: etcdEndpoints('http://etcd:2379', '/services/cache/') });
 *
 * Each value is `host:port`, or `[address]:port` for IPv6: `etcdctl put /services/cache/7 10.0.0.7:11211`. If a
 * server puts its key with a lease that it keeps alive, the key disappears soon after the server has died.
 */
import type { Endpoint } from 'connman';

interface KeyValue {
  readonly key: string;
  readonly value?: string;
}

interface Answer {
  readonly header: { readonly revision: string };
  readonly kvs?: readonly KeyValue[];
}

interface Message {
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly events?: readonly { readonly type?: 'DELETE'; readonly kv: KeyValue }[];
    readonly canceled?: boolean;
    readonly cancel_reason?: string;
    readonly compact_revision?: string;
  };
}

/**
 * Makes a source of endpoints for a pool. The prefix must not be empty. The source throws when etcd does not answer; then the
 * pool keeps the last endpoints, and asks again a little later. Every `refresh` milliseconds it reads all keys again, since a
 * silent watch may be dead. `refresh` is also the limit for an answer.
 */
export function etcdEndpoints(url: string, prefix: string, refresh = 60_000) {
  return async function* (signal: AbortSignal): AsyncGenerator<Endpoint[], never> {
    for (;;) yield* once(url, prefix, refresh, signal);
  };
}

/** Gives the present endpoints, then a new list for each change, until it is time to read all keys again. */
async function* once(url: string, prefix: string, refresh: number, signal: AbortSignal) {
  const found = new Map<string, Endpoint>();
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(new Error(`etcd has not answered in ${refresh} ms`)), refresh);
  const stop = AbortSignal.any([signal, over.signal]);
  let isKnown = false;
  try {
    const range = { key: encode(prefix), range_end: encode(prefix, 1) };
    const { header, kvs = [] } = (await (await post(`${url}/v3/kv/range`, range, stop)).json()) as Answer;
    for (const each of kvs) take(found, each);
    isKnown = true;
    yield [...found.values()];
    const watch = { create_request: { ...range, start_revision: String(BigInt(header.revision) + 1n) } };
    for await (const { error, result } of messages(await post(`${url}/v3/watch`, watch, stop))) {
      // etcd has discarded some of the changes after that revision.
      if (result?.compact_revision) return;
      if (!result || result.canceled) throw new Error(`etcd: ${error?.message ?? result?.cancel_reason}`);
      for (const { type, kv } of result.events ?? []) {
        if (type === 'DELETE') found.delete(kv.key);
        else take(found, kv);
      }
      if (result.events) yield [...found.values()];
    }
    throw new Error('etcd has ended the watch');
  } catch (error) {
    if (!isKnown || !over.signal.aborted || signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A text in base64, as the gateway encodes all keys and values. The range of a prefix ends before the prefix whose last byte is
 * one more.
 */
function encode(text: string, more = 0): string {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) + more)]).toString('base64');
}

async function post(url: string, body: object, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), signal });
  if (!response.ok) throw new Error(`etcd: ${response.status} ${await response.text()}`);
  return response;
}

/** The messages of a watch: each is a line. */
async function* messages({ body }: Response): AsyncGenerator<Message> {
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (text + chunk).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Message;
  }
}

/** Sets the endpoint of a key. A wrong value is left out, with a warning, so that it does not hide the others. */
function take(found: Map<string, Endpoint>, { key, value = '' }: KeyValue): void {
  const text = Buffer.from(value, 'base64').toString();
  const [, address, host = address, port] =
    /^(?:\[([\da-f:.]+)\]|([^\s/@:[\]]+)):(\d{1,5})$/i.exec(text) ?? [];
  if (host && Number(port) >= 1 && Number(port) <= 65_535) found.set(key, { host, port: Number(port) });
  else {
    found.delete(key);
    process.emitWarning(`etcd: no host:port at ${Buffer.from(key, 'base64').toString()}`);
  }
}
