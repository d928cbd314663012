import type { SrvRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { DiscoveryError, TimeoutError } from '../primitives/errors.js';
import { startTimer, stopTimer, type Timer } from '../primitives/time.js';

/** Whom a look-up asks, and how long it may take. */
export interface LookUpSettings {
  readonly servers: readonly string[] | undefined;
  readonly timeout: number;
}

/** What is asked for: the addresses of a name, of one family. */
export interface AddressQuestion {
  readonly name: string;
  readonly family: 4 | 6;
}

/** An address, and for how many seconds it is good. */
export interface AddressRecord {
  readonly address: string;
  readonly ttl: number;
}

/**
 * A question without an answer is asked again after a fifth of the time for the look-up, and then less and less often,
 * until that time is over: these tries take longer.
 */
const tries = 4;
const firstTry = 1 / 5;

/**
 * The questions of one look-up. All of them have their answer, or have failed, when its time is over or its signal
 * aborts, whatever the resolvers do: by itself, Node.js would wait for 23 s.
 *
 * Each has a resolver of its own: it knows the servers that the system has now, asks from another port, and keeps no
 * answers of earlier look-ups.
 */
export class LookUp {
  readonly #resolver: Resolver;
  readonly #signal: AbortSignal;
  readonly #timer: Timer;
  #failure: Error | undefined;

  constructor({ servers, timeout }: LookUpSettings, signal: AbortSignal) {
    this.#resolver = new Resolver({ timeout: Math.ceil(timeout * firstTry), tries });
    if (servers) this.#resolver.setServers(servers);
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort);
    this.#timer = startTimer(timeout, false, () =>
      this.#fail(new TimeoutError(`no answer within ${timeout} ms`, timeout)),
    );
  }

  /** At least one address. */
  async addresses({ name, family }: AddressQuestion): Promise<readonly AddressRecord[]> {
    const ttl = { ttl: true } as const;
    const records = await this.#ask((resolver) =>
      family === 4 ? resolver.resolve4(name, ttl) : resolver.resolve6(name, ttl),
    );
    // For Node.js, an alias that leads nowhere is no error.
    if (records.length === 0) throw new DiscoveryError(`${name} has no address`, name);
    return records;
  }

  services(name: string): Promise<readonly SrvRecord[]> {
    return this.#ask((resolver) => resolver.resolveSrv(name));
  }

  /** To be called when no more is asked. */
  end(): void {
    stopTimer(this.#timer);
    this.#signal.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#fail(this.#signal.reason as Error);

  async #ask<T>(question: (resolver: Resolver) => Promise<T>): Promise<T> {
    if (this.#failure) throw this.#failure;
    try {
      return await question(this.#resolver);
    } catch (error) {
      throw this.#failure ?? error;
    }
  }

  #fail(reason: Error): void {
    this.#failure = reason;
    this.#resolver.cancel();
    this.end();
  }
}
