/** How much is asked of an endpoint: the leases on all connections to it. */
export interface Load {
  readonly leases: number;
}

/** A connection that can be picked, and what a picker keeps of it; the places belong to the picker that it was added to. */
export interface Candidate<C = unknown> {
  readonly connection: C;
  readonly group: Load;
  /** Its place in an array. */
  index: number;
  /** Its neighbours in a ring. */
  next: Candidate<C> | undefined;
  previous: Candidate<C> | undefined;
}

/** Chooses among the candidates of one pool. Each operation takes constant or logarithmic time. */
export interface Picker<T extends Candidate> {
  /** A candidate, which was not there, can be picked from now on. */
  add(candidate: T): void;
  /** A candidate, which was there, can not be picked any more. */
  remove(candidate: T): void;
  /** The choice, which stays a candidate; `undefined` when there is none. */
  pick(): T | undefined;
  /** The leases on the connections to one endpoint are more or fewer than before. */
  leasesChanged?(load: Load): void;
}
