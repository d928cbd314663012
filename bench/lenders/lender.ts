/** A pool, as those see it who borrow: the same code borrows from connman and from its peers. */
export interface Lender<Lent = unknown> {
  acquire(): Promise<Lent>;
  release(lent: Lent): void;
  /** Only connman has it. */
  tryAcquire?(): Lent | undefined;
}

/** What is told of each connection. */
export interface Witness {
  /** One is open. */
  up(): void;
  /** One that was open is lost, or closed. */
  down(): void;
}

/** Opens a pool of `size` connections to the server on `port`. */
export type OpenLender = (port: number, size: number, witness: Witness) => Lender;

export const host = '127.0.0.1';
