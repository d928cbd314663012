/** A pool whose connections are all open, as the borrowers see it: the same code borrows from connman and from its peers. */
export interface Lender<Lent = unknown> {
  acquire(): Promise<Lent>;
  release(lent: Lent): void;
  /** Only connman has it. */
  tryAcquire?(): Lent | undefined;
}

/** Opens a pool of `size` connections to the server on `port`. */
export type OpenLender = (port: number, size: number) => Lender;

export const host = '127.0.0.1';
