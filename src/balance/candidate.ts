/** An endpoint, as far as picking concerns it: what all connections to it have in common. */
export interface Load {
  /** The leases on all connections to it. */
  readonly leases: number;
  /** The requests on all connections to it that wait for an answer. */
  readonly pending: number;
  /** Its weight among the discovered endpoints of its priority, greater than 0. Without one, each of its connections counts. */
  readonly weight?: number | undefined;
  /** How many connections to it discovery wants at least; 0 where it wants none. */
  readonly wanted?: number;
  /** How many connections to it stay in the pool. */
  readonly size?: number;
  /** How many of these are ready. */
  readonly ready?: number;
  /** What the picker keeps of it. */
  place?: object | undefined;
}

/** A connection that can be picked, with the places that belong to the picker it was added to. */
export interface Candidate<C = unknown> {
  readonly connection: C;
  readonly group: Load;
  /** How many requests on this connection wait for an answer. To be asked for only where its endpoint has some. */
  readonly pending: number;
  /** Its place in an array. */
  index: number;
  /** Its neighbours in a ring. */
  next: Candidate<C> | undefined;
  previous: Candidate<C> | undefined;
}

/**
 * Chooses among the candidates of one priority of a pool. Each operation takes constant or logarithmic time, but for the number of
 * different weights.
 */
export interface Picker<T extends Candidate> {
  /** Adds a candidate, which is not there yet. */
  add(candidate: T): void;
  /** Removes a candidate, which is there. */
  remove(candidate: T): void;
  /** The choice, which stays a candidate; `undefined` if there is no candidate. */
  pick(): T | undefined;
  /** Adds a candidate that has just become ready. Without it, `add()` does. */
  join?(candidate: T): void;
  /** The next candidate of one endpoint; `undefined` if it has none. Only where it picks by endpoint. */
  pickOf?(load: Load): T | undefined;
  /** The load of one endpoint has changed. */
  readonly loadChanged?: ((load: Load) => void) | undefined;
  /** The weight of one endpoint has changed, or how many of its connections are ready. */
  shareChanged?(load: Load): void;
  /** An endpoint is gone, with all of its candidates. */
  forget?(load: Load): void;
}
