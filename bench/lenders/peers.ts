import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { host, type Witness } from './lender.js';

/** The manifest of the peers. They are installed beside it, apart from the library, which has no need of them. */
export const manifest: string = join(
  dirname(require.resolve('connman/package.json')),
  'bench',
  'peers',
  'package.json',
);

/** Loads a peer. Its types are there only once it is installed, so the caller says what it exports. */
export const requirePeer: NodeJS.Require = createRequire(manifest);

/** A factory for the peers that pool anything: resolves once the socket is connected. */
export function dial(port: number, witness: Witness): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new Socket();
    socket.on('error', reject);
    socket.connect({ port, host, noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 }, () => {
      socket.once('close', () => witness.down());
      witness.up();
      resolve(socket);
    });
  });
}
