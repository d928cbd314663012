import type { AsyncResource } from 'node:async_hooks';
import type { LookupAddress } from 'node:dns';
import { isIP, isIPv6, type BlockList, type LookupFunction, type SocketConnectOpts } from 'node:net';
import { controllerForAll } from '../primitives/abort-listeners.js';
import { formatEndpoint, isPathEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { askLookup } from './lookup-answer.js';
import { DialError, messageOf, TimeoutError, withCause, type DialPhase } from '../primitives/errors.js';
import { systemLookups } from './lookup/system-lookups.js';
import type { ResolvedOptions } from './options/options.js';
import { dialNames, lookupNames, ownOptions } from '../primitives/own-options.js';
import type { DialProgress, Source } from './socket/link.js';
import type { PreludeContext, PreludeSocket } from './socket/prelude-socket.js';

/** Who dials. */
interface DialOwner {
  readonly endpoint: Endpoint;
  readonly options: Pick<ResolvedOptions, 'prelude'>;
  isDialling(dial: Dial): boolean;
}

/** What a look-up has to do with its dial. */
type DialState = Pick<Dial, 'phase' | 'isCurrent'>;

/** One dial. */
export class Dial implements DialProgress {
  phase: DialPhase = 'connect';
  /** Whether the application is asked for the options of TLS: until then, the endpoint is not dialled. */
  isAsking = false;
  /** What is wrong with the answer of the application: no other dial follows. */
  hopeless: Error | undefined;
  readonly endpoint: Endpoint;
  readonly #owner: DialOwner;
  readonly #context: AsyncResource;
  #controller: AbortController | undefined;

  /** `context` is where code of the application runs. */
  constructor(owner: DialOwner, context: AsyncResource) {
    this.#owner = owner;
    this.#context = context;
    this.endpoint = owner.endpoint;
  }

  /** Whether it is still going on. */
  get isCurrent(): boolean {
    return this.#owner.isDialling(this);
  }

  runPrelude(socket: PreludeSocket): unknown {
    const { prelude } = this.#owner.options;
    return this.#context.runInAsyncScope(() => prelude?.(socket, this.#told));
  }

  async ask<T>(source: Source, read: (answer: unknown) => T): Promise<T> {
    const { phase } = this;
    this.phase = 'tls';
    this.isAsking = true;
    // Not in the midst of what has led to this dial.
    await Promise.resolve();
    if (!this.isCurrent) throw new Error('the dial was given up');
    const answer: unknown = await this.#context.runInAsyncScope(() => source(this.endpoint, this.#told));
    const given = this.#read(answer, read);
    this.phase = phase;
    this.isAsking = false;
    return given;
  }

  #read<T>(answer: unknown, read: (answer: unknown) => T): T {
    try {
      return read(answer);
    } catch (error) {
      this.hopeless = error as Error;
      throw error;
    }
  }

  /** Told in the midst of a change, which is no place for code of the application. */
  calledOff(): void {
    if (this.#controller) process.nextTick(() => this.givenUp(new Error('the dial was called off')));
  }

  /** It has failed, or was called off. */
  givenUp(reason: Error): void {
    this.#controller?.abort(reason);
  }

  get #told(): PreludeContext {
    this.#controller ??= controllerForAll();
    return { endpoint: this.endpoint, signal: this.#controller.signal };
  }
}

/**
 * A lookup whose first answer counts, and only while its dial is going on. `destroy()` does not cancel a lookup, and Node.js would
 * apply its late answer to the next dial. Look-ups by the system are shared by all dials; a function of the user's is called
 * for each dial.
 */
export function guardLookup(
  lookup: LookupFunction | undefined,
  blockList: BlockList | undefined,
  dial: DialState,
): LookupFunction {
  let isAnswered = false;
  dial.phase = 'lookup';
  return (hostname, options, answer) => {
    const own = ownOptions(lookupNames, options);
    const guarded: typeof answer = (error, address, family) => {
      if (isAnswered || !dial.isCurrent) return;
      isAnswered = true;
      if (!error) dial.phase = 'connect';
      if (error || !blockList) answer(error, address, family);
      else answerAllowed(blockList, address, family, answer);
    };
    if (lookup) askLookup(lookup, hostname, own, guarded);
    else systemLookups().lookup(hostname, own, dial, guarded);
  };
}

/**
 * What to dial an endpoint with.
 * @throws the error of Node.js for a blocked address, where the endpoint is one and needs no lookup.
 */
export function dialOptions(
  endpoint: Endpoint,
  { dial: options, lookup, blockList }: ResolvedOptions,
  dial: DialState,
): SocketConnectOpts {
  if (isPathEndpoint(endpoint)) return ownOptions(dialNames, { path: endpoint.path });
  const { host, port } = endpoint;
  if (host !== last?.host && isIP(host) === 0) {
    return Object.assign(ownOptions(dialNames, options), {
      host,
      port,
      lookup: guardLookup(lookup, blockList, dial),
    });
  }
  if (blockList && isBlocked(blockList, host)) throw blockedError(host);
  return addressOptions(host, port, options);
}

/** What the last dial to an address was told, which holds nothing of that dial alone: many dials go to one address. */
let last: AddressDial | undefined;

interface AddressDial {
  readonly options: object;
  readonly host: string;
  readonly port: number;
  readonly told: SocketConnectOpts;
}

function addressOptions(host: string, port: number, options: object): SocketConnectOpts {
  if (last?.options !== options || last.host !== host || last.port !== port) {
    const told = Object.assign(ownOptions(dialNames, options), { host, port });
    last = { options, host, port, told };
  }
  return last.told;
}

const stuck: Readonly<Record<DialPhase, string>> = {
  lookup: 'the name is not looked up yet',
  connect: 'nobody has answered',
  prelude: 'TCP is up, but the prelude is not done',
  tls: 'TCP is up, but the TLS handshake is not done',
};

/** Why a dial is ended that takes too long. */
export function dialTimeout({ phase, isAsking }: Dial, timeout: number): TimeoutError {
  const what = isAsking ? 'the function that is the option tls has not answered' : stuck[phase];
  return new TimeoutError(`no connection within ${timeout} ms: ${what}`, timeout);
}

/** What a failed dial is reported as. */
export function dialError(
  endpoint: Endpoint,
  phase: DialPhase,
  attempts: number,
  cause: Error | undefined,
): DialError {
  const what = `dial to ${formatEndpoint(endpoint)} failed (${attempts} in a row)`;
  const why = cause ? explain(what, cause) : `${what}: the socket was destroyed before it connected`;
  return new DialError(why, { endpoint, phase, ...(cause && { cause }) });
}

// The AggregateError of a host with several addresses has no message of its own.
function explain(what: string, cause: Error): string {
  const { errors } = cause as { readonly errors?: unknown };
  if (!Array.isArray(errors) || cause.message !== '') return withCause(what, cause);
  return `${what}: ${errors.map(messageOf).join('; ')}`;
}

function answerAllowed(
  blockList: BlockList,
  address: string | LookupAddress[],
  family: number | undefined,
  answer: Parameters<LookupFunction>[2],
): void {
  if (typeof address === 'string') {
    answer(isBlocked(blockList, address) ? blockedError(address) : null, address, family);
    return;
  }
  const allowed = address.filter((candidate) => !isBlocked(blockList, candidate.address));
  if (allowed.length > 0) answer(null, allowed, family);
  else answer(blockedError(address.map((candidate) => candidate.address).join(', ')), allowed, family);
}

function isBlocked(blockList: BlockList, address: string): boolean {
  return isIP(address) !== 0 && blockList.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function blockedError(address: string): Error {
  return Object.assign(new Error(`IP(${address}) is blocked by net.BlockList`), { code: 'ERR_IP_BLOCKED' });
}
