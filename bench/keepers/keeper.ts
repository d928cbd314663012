import type { Witness } from '../lenders/lender.js';

/** Keeps connections open, in its own way. */
export interface Keeper {
  /** Disconnects everything, as its documentation says. */
  close(): unknown;
}

/** Keeps `count` connections to the server on `port` open from now on. */
export type OpenKeeper = (port: number, count: number, witness: Witness) => Keeper;
