import type { Balancer, Candidate, Load, Picker } from '../../balance/index.js';
import { firstByKey, type KeyedEndpoint } from './by-key.js';
import type { SpillingTier } from './spill.js';

/** An endpoint as its tier knows it. */
export interface TierEndpoint<T extends Candidate> extends KeyedEndpoint, Load {
  readonly ready: number;
  readonly weight: number | undefined;
  readonly wanted: number;
  readonly size: number;
  /** Whether its weight is 0, and that of another endpoint of its priority is not. */
  readonly isReserve: boolean;
  readonly isWithdrawn: boolean;
  /** What its ready connections count for. */
  capacity: number;
  /** Where its free connections are. */
  picker: Picker<T>;
}

/** The endpoints of one priority. */
export class Tier<T extends Candidate = Candidate> implements SpillingTier {
  readonly priority: number;
  readonly endpoints: Set<TierEndpoint<T>> = new Set();
  /** How many of its connections are ready, with or without a lease. */
  ready = 0;
  /** The weights that discovery wants. */
  wanted: readonly number[] = [];
  share = 0;
  credit = 0;
  picker: Picker<T>;
  readonly #balancer: Balancer;
  /** Whether endpoints are chosen first: for different weights and for keys. It takes longer. */
  #isByEndpoint: boolean;
  /** The endpoints whose weight is 0: they are used where no other of this priority is free. */
  #reserve: Picker<T>;
  #capacity = 0;

  constructor(priority: number, balancer: Balancer, isByEndpoint: boolean) {
    this.priority = priority;
    this.#balancer = balancer;
    this.#isByEndpoint = isByEndpoint;
    this.picker = balancer.makePicker<T>(isByEndpoint);
    this.#reserve = balancer.makePicker<T>(isByEndpoint);
  }

  /** Whether the weights of its endpoints differ. */
  get isWeighted(): boolean {
    const present = [...this.endpoints].flatMap(({ weight }) => weight ?? []);
    return new Set([...this.wanted, ...present]).size > 1;
  }

  get isUnused(): boolean {
    return this.endpoints.size === 0 && this.wanted.length === 0;
  }

  get coverage(): number {
    return this.ready > 0 ? this.#coverageOf(this.#capacity) : 0;
  }

  /** As `coverage`, but without the endpoints that discovery wants no more. */
  get lastingCoverage(): number {
    let capacity = 0;
    for (const endpoint of this.endpoints) if (!endpoint.isWithdrawn) capacity += endpoint.capacity;
    return this.#coverageOf(capacity);
  }

  /** Which picker an endpoint belongs to. */
  pickerFor(isReserve: boolean): Picker<T> {
    return isReserve ? this.#reserve : this.picker;
  }

  pick(): T | undefined {
    return this.picker.pick() ?? this.#reserve.pick();
  }

  pickBy(key: string): T | undefined {
    const take = (endpoint: TierEndpoint<T>): T | undefined => endpoint.picker.pickOf?.(endpoint);
    const all = [...this.endpoints];
    const weighty = all.filter(({ isReserve }) => !isReserve);
    return firstByKey(weighty, key, take) ?? firstByKey(all, key, take);
  }

  leave(endpoint: TierEndpoint<T>): void {
    endpoint.picker.forget?.(endpoint);
    this.endpoints.delete(endpoint);
    this.#capacity -= endpoint.capacity;
    endpoint.capacity = 0;
  }

  /** Other connections of an endpoint are ready, or it has another rank. */
  weigh(endpoint: TierEndpoint<T>): void {
    const { ready, wanted, size, isReserve, weight = 1 } = endpoint;
    const before = endpoint.capacity;
    endpoint.capacity = isReserve ? 0 : weight * Math.min(1, ready / Math.max(1, wanted || size));
    this.#capacity += endpoint.capacity - before;
  }

  /** Takes other pickers, if it needs them. `free` are its free connections. */
  repick(isByEndpoint: boolean, free: () => readonly (T & { readonly group: TierEndpoint<T> })[]): void {
    if (isByEndpoint === this.#isByEndpoint) return;
    const candidates = free();
    for (const each of candidates) each.group.picker.remove(each);
    for (const each of this.endpoints) each.picker.forget?.(each);
    this.#isByEndpoint = isByEndpoint;
    this.picker = this.#balancer.makePicker<T>(isByEndpoint);
    this.#reserve = this.#balancer.makePicker<T>(isByEndpoint);
    for (const each of this.endpoints) each.picker = this.pickerFor(each.isReserve);
    for (const each of candidates) each.group.picker.add(each);
  }

  #coverageOf(capacity: number): number {
    const wanted = this.wanted.reduce((sum, weight) => sum + weight, 0);
    return wanted > 0 ? Math.min(1, capacity / wanted) : Number(capacity > 0);
  }
}
