import type { SrvRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { addAbortListener, removeAbortListener } from '../primitives/abort-listeners.js';
import { DiscoveryError, TimeoutError } from '../primitives/errors.js';
import { startDeadline, stopDeadline, type Deadline } from '../primitives/deadline.js';

/** The resolvers that a look-up asks, and how long it may take. */
export interface LookUpSettings {
  readonly servers: readonly string[] | undefined;
  readonly timeout: number;
}

/** A question for the addresses of a name, of one family. */
export interface AddressQuestion {
  readonly name: string;
  readonly family: 4 | 6;
}

/** An address and its TTL in seconds. */
export interface AddressRecord {
  readonly address: string;
  readonly ttl: number;
}

/**
 * A question without an answer is asked again, of the next server, after a fifth of the look-up's time, and then less often. All
 * tries together would take longer than that time, which ends them.
 */
const tries = 4;
const firstTry = 1 / 5;

/** The codes of a server that has no answer, though another one may. */
const refusals: readonly unknown[] = ['ESERVFAIL', 'EREFUSED', 'ENOTIMP'];

/** The codes of an answer without an address: no such name, no such record, an alias only, or a name that cannot be. */
const emptyAnswers: readonly unknown[] = ['ENOTFOUND', 'ENODATA', 'CONNMAN_DISCOVERY', 'EBADNAME'];

/** Whether a failure says that there is nothing to be found. */
export function isEmptyAnswer(error: unknown): boolean {
  return emptyAnswers.includes(codeOf(error));
}

/** What an error calls itself. */
export function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}

/**
 * The questions of one look-up. Each is answered or has failed when the look-up's time is over or its signal aborts. Node.js
 * alone would wait for 23 s.
 *
 * Each look-up has a resolver of its own: it uses the servers that the system has now, and another source port.
 */
export class LookUp {
  readonly #resolver: Resolver;
  readonly #firstTry: number;
  readonly #signal: AbortSignal | undefined;
  /** A resolver for each server but the first, once a server has refused a question. */
  #others: readonly Resolver[] | undefined;
  readonly #timer: Deadline;
  #hurry: Deadline | undefined;
  #failure: Error | undefined;

  constructor({ servers, timeout }: LookUpSettings, signal?: AbortSignal) {
    this.#firstTry = Math.ceil(timeout * firstTry);
    this.#resolver = resolverOf(servers, this.#firstTry);
    this.#signal = signal;
    if (signal) addAbortListener(signal, this.#abort);
    this.#timer = startDeadline(timeout, false, () =>
      this.#fail(new TimeoutError(`no answer within ${timeout} ms`, timeout)),
    );
  }

  /** At least one address. */
  async addresses({ name, family }: AddressQuestion): Promise<readonly AddressRecord[]> {
    const ttl = { ttl: true } as const;
    const records = await this.#ask((resolver) =>
      family === 4 ? resolver.resolve4(name, ttl) : resolver.resolve6(name, ttl),
    );
    // Node.js reports an alias that leads nowhere as an empty answer.
    if (records.length === 0) throw new DiscoveryError(`${name} has no address`, name);
    return records;
  }

  services(name: string): Promise<readonly SrvRecord[]> {
    return this.#ask((resolver) => resolver.resolveSrv(name));
  }

  /** What else is asked has no more time than a first try: there is an answer to use already. */
  hurry(): void {
    const timeout = this.#firstTry;
    this.#hurry ??= startDeadline(timeout, false, () =>
      this.#fail(new TimeoutError(`no answer within ${timeout} ms`, timeout)),
    );
  }

  /** Frees what the look-up holds; no question may follow. */
  end(): void {
    stopDeadline(this.#timer);
    stopDeadline(this.#hurry);
    if (this.#signal) removeAbortListener(this.#signal, this.#abort);
  }

  readonly #abort = (): void => this.#fail(this.#signal?.reason as Error);

  async #ask<T>(question: (resolver: Resolver) => Promise<T>): Promise<T> {
    if (this.#failure) throw this.#failure;
    try {
      return await question(this.#resolver).catch((error: unknown) => this.#askOthers(question, error));
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  /** As the C library does. Of several servers, Node.js would take the refusal of one for the answer. */
  async #askOthers<T>(question: (resolver: Resolver) => Promise<T>, refusal: unknown): Promise<T> {
    if (!refusals.includes(codeOf(refusal))) throw refusal;
    const servers = this.#resolver.getServers().slice(1);
    this.#others ??= servers.map((server) => resolverOf([server], this.#firstTry, 1));
    for (const resolver of this.#others) {
      if (this.#failure) break;
      try {
        return await question(resolver);
      } catch (error) {
        if (isEmptyAnswer(error)) throw error;
      }
    }
    throw refusal;
  }

  #fail(reason: Error): void {
    this.#failure = reason;
    for (const resolver of [this.#resolver, ...(this.#others ?? [])]) resolver.cancel();
    this.end();
  }
}

function resolverOf(servers: readonly string[] | undefined, timeout: number, most: number = tries): Resolver {
  const resolver = new Resolver({ timeout, tries: most });
  if (servers) resolver.setServers(servers);
  return resolver;
}
