import type { Backoff } from '../backoff/index.js';
import type { Endpoint } from '../primitives/endpoint.js';
import type { ResetCode } from './events.js';
import { nextWait } from './next-wait.js';

/** What the course is set by. */
interface CourseOptions {
  readonly firstBackoff: () => Backoff;
  readonly stableAfter: number;
}

/** Ends of a life that speak against its endpoint, however long it lasted. */
const againstEndpoint: ReadonlySet<ResetCode> = new Set(['handshake', 'heartbeat', 'requested']);
/** Ends of a life that are the program's own doing, and say nothing of the endpoint. */
const ofProgram: ReadonlySet<ResetCode> = new Set(['local-end', 'max-age', 'disconnect']);

/**
 * Where the next dial goes, and how long the wait before it is. Endpoints are dialled in their order, from the one that
 * worked last: when one fails, the next follows at once, and the backoff waits when all have failed.
 */
export class Course {
  /** One of them, or a list: most connections have one, and need no list. */
  readonly #endpoints: Endpoint | readonly Endpoint[];
  #at = 0;
  /** How many endpoints have failed since one worked, or since the backoff waited. */
  #failed = 0;
  #backoff: Backoff | undefined;

  constructor(endpoints: Endpoint | readonly Endpoint[]) {
    this.#endpoints = endpoints;
  }

  /** The endpoint being dialled or in use, or to be dialled next. */
  get endpoint(): Endpoint {
    return isList(this.#endpoints) ? (this.#endpoints[this.#at] as Endpoint) : this.#endpoints;
  }

  get #count(): number {
    return isList(this.#endpoints) ? this.#endpoints.length : 1;
  }

  lifeBegan(): void {
    this.#failed = 0;
  }

  /** A dial has failed; says how long to wait before the next one. */
  dialFailed(options: CourseOptions, report: (error: unknown) => void): number {
    this.#moveOn();
    this.#failed += 1;
    if (this.#failed < this.#count) return 0;
    this.#failed = 0;
    return this.#wait(options, report);
  }

  /** A life has ended; says how long to wait before the next dial. */
  lifeEnded(
    code: ResetCode,
    uptime: number,
    options: CourseOptions,
    report: (error: unknown) => void,
  ): number {
    const isStable = uptime >= options.stableAfter;
    if (isStable) this.#backoff = undefined;
    if (againstEndpoint.has(code) || (!isStable && !ofProgram.has(code))) this.#moveOn();
    return this.#wait(options, report);
  }

  #moveOn(): void {
    this.#at = (this.#at + 1) % this.#count;
  }

  #wait(options: CourseOptions, report: (error: unknown) => void): number {
    const { delay, backoff } = nextWait(this.#backoff, options.firstBackoff, report);
    this.#backoff = backoff;
    return delay;
  }
}

function isList(endpoints: Endpoint | readonly Endpoint[]): endpoints is readonly Endpoint[] {
  return Array.isArray(endpoints);
}
