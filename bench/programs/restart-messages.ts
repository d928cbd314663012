/** What the client of the restarts tells: all connections are lost. */
export interface Down {
  readonly kind: 'down';
}

/** What the client of the restarts tells: all connections are up, at first or again. Times are milliseconds. */
export interface Up {
  readonly kind: 'up';
  /** From the first connection that came up to the last one. */
  readonly spread: number;
  /** The same within one endpoint: the longest of them. */
  readonly endpointSpread: number;
  readonly dials: number;
  /** The most dials that were under way to one endpoint at the same time. */
  readonly peak: number;
  /** Open file descriptors; nothing where the system does not tell. */
  readonly descriptors: number | undefined;
  /** Bytes of heap in use after a collection. */
  readonly heap: number;
}

/** What the client of the restarts tells its parent. */
export type Message = Down | Up;
