import type { OpenSocketLender, SocketLender } from '../lenders/socket-lender.js';
import type { OpenKeeper } from './keeper.js';

/** A pool all of whose sockets are open and none is lent: some open one only when they are asked for it. */
export function holdIdle(open: OpenSocketLender): OpenKeeper {
  return (port, count, witness) => {
    const lender = open(port, count, witness);
    void openAll(lender, count);
    return lender;
  };
}

async function openAll(lender: SocketLender, count: number): Promise<void> {
  const lent = await Promise.all(Array.from({ length: count }, () => lender.acquire()));
  for (const socket of lent) lender.release(socket);
}
