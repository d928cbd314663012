/** The load of an endpoint: the leases on all connections to it, and the requests that wait for an answer. */
export interface Load {
  readonly leases: number;
  readonly pending: number;
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

/** Chooses among the candidates of one pool. Each operation takes constant or logarithmic time. */
export interface Picker<T extends Candidate> {
  /** Adds a candidate, which is not there yet. */
  add(candidate: T): void;
  /** Removes a candidate, which is there. */
  remove(candidate: T): void;
  /** The choice, which stays a candidate; `undefined` if there is no candidate. */
  pick(): T | undefined;
  /** The load of one endpoint has changed. */
  leasesChanged?(load: Load): void;
}
