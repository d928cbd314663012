import type { IncomingMessage } from 'node:http';
import type { TlsOptions } from '../index.js';
import { linesOf, post, textOf } from './http.js';
import { parseJson } from './json.js';

const noJson = 'the answer is no JSON';

/** How to talk to etcd. */
export interface EtcdSettings {
  readonly prefix: string;
  readonly servers: readonly URL[];
  readonly login: { readonly name: string; readonly password: string } | undefined;
  readonly tls: TlsOptions | undefined;
  readonly most: number;
}

/** A key and its value, decoded; without a value, the key is gone. */
export interface EtcdEntry {
  readonly key: string;
  readonly value: string | undefined;
}

/** All keys at one revision. */
export interface EtcdKeys {
  readonly entries: readonly EtcdEntry[];
  readonly revision: bigint;
  /** Whether there are more than were asked for. */
  readonly hasMore: boolean;
}

interface KeyValue {
  readonly key: string;
  readonly value?: string;
}

interface WatchMessage {
  readonly error?: { readonly message?: string };
  readonly result?: {
    readonly events?: readonly { readonly type?: 'DELETE'; readonly kv: KeyValue }[];
    readonly canceled?: boolean;
    readonly cancel_reason?: string;
    readonly compact_revision?: string;
  };
}

/** The longest answer, in bytes. */
const longest = 33_554_432;

/** The JSON gateway of etcd 3.4 and later. */
export class EtcdGateway {
  readonly #settings: EtcdSettings;
  readonly #range: { readonly key: string; readonly range_end: string };
  /** The server in use: any one at first, so that they share the load, and the next when it fails. */
  #turn = Math.floor(Math.random() * 32);
  #token: string | undefined;

  constructor(settings: EtcdSettings) {
    this.#settings = settings;
    this.#range = { key: encode(settings.prefix), range_end: encode(settings.prefix, 1) };
  }

  /** The server in use, as `host:port`. */
  get server(): string {
    return this.#url.host;
  }

  get #url(): URL {
    const { servers } = this.#settings;
    return servers[this.#turn % servers.length] as URL;
  }

  /** Uses the next server from now on. */
  useNext(): void {
    this.#turn += 1;
    this.#token = undefined;
  }

  async keys(signal: AbortSignal): Promise<EtcdKeys> {
    const body = { ...this.#range, limit: String(this.#settings.most) };
    const answer = (await this.#ask('kv/range', body, signal)) as {
      readonly header: { readonly revision: string };
      readonly kvs?: readonly KeyValue[];
      readonly more?: boolean;
    };
    return understood(() => ({
      entries: (answer.kvs ?? []).map((kv) => entryOf(kv)),
      revision: BigInt(answer.header.revision),
      hasMore: answer.more === true,
    }));
  }

  /** The changes after a revision, until etcd no longer knows them. Throws when the watch ends in another way. */
  async *changes(
    revision: bigint,
    signal: AbortSignal,
  ): AsyncGenerator<readonly EtcdEntry[], void, undefined> {
    const watch = { create_request: { ...this.#range, start_revision: String(revision + 1n) } };
    const response = await this.#post('watch', watch, signal);
    if (response.statusCode !== 200) throw await refusal(response);
    // It waits for as long as it takes, and does not keep the process alive.
    response.socket.unref();
    for await (const line of linesOf(response, longest)) {
      const { error, result } = (parseJson(line, noJson) ?? {}) as WatchMessage;
      if (result?.compact_revision) return;
      if (!result || result.canceled) throw new Error(short(error?.message ?? result?.cancel_reason));
      const events = result.events ?? [];
      if (events.length > 0)
        yield understood(() => events.map(({ type, kv }) => entryOf(kv, type === 'DELETE')));
    }
    throw new Error('the watch has ended');
  }

  /** A token that etcd no longer takes is replaced once. */
  async #ask(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    const { login } = this.#settings;
    const hadToken = this.#token !== undefined;
    if (login && !hadToken) await this.#authenticate(login, signal);
    const response = await this.#post(path, body, signal);
    if (response.statusCode === 200) return parseJson(await textOf(response, longest), noJson);
    const error = await refusal(response);
    if (!login || response.statusCode !== 401) throw error;
    this.#token = undefined;
    if (!hadToken) throw error;
    return this.#ask(path, body, signal);
  }

  async #authenticate(login: object, signal: AbortSignal): Promise<void> {
    const response = await this.#post('auth/authenticate', login, signal);
    if (response.statusCode !== 200) throw await refusal(response);
    const answer = parseJson(await textOf(response, longest), noJson);
    this.#token = understood(() => String((answer as { readonly token?: unknown }).token));
  }

  #post(path: string, body: object, signal: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(`/v3/${path}`, this.#url);
    // A server without a leader ends a watch, instead of being silent.
    const headers = { 'Grpc-Metadata-hasleader': 'true', ...(this.#token && { Authorization: this.#token }) };
    return post({ url, body, headers, tls: this.#settings.tls }, signal);
  }
}

async function refusal(response: IncomingMessage): Promise<Error> {
  const text = await textOf(response, 65_536);
  let said: unknown;
  try {
    const { message, error } = JSON.parse(text) as { readonly message?: unknown; readonly error?: unknown };
    said = message ?? error;
  } catch {
    // Whatever answers there is no etcd.
  }
  return new Error(`${response.statusCode} ${short(said)}`);
}

/** What reads an answer throws where it has another shape. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw new Error('the answer is none of etcd');
  }
}

/** What etcd says, as it may be shown. */
export function short(text: unknown): string {
  return typeof text === 'string' ? text.replaceAll(/\p{Cc}/gu, ' ').slice(0, 200) : 'without a reason';
}

function entryOf({ key, value = '' }: KeyValue, isGone = false): EtcdEntry {
  const decode = (text: string): string => Buffer.from(text, 'base64').toString();
  return { key: decode(key), value: isGone ? undefined : decode(value) };
}

/**
 * A text in base64, as the gateway encodes all keys and values. The range of a prefix ends before the prefix whose last byte is
 * one more.
 */
function encode(text: string, more = 0): string {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) + more)]).toString('base64');
}
