import { once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { PathEndpoint } from '../../primitives/endpoint.js';
import type { FileLeft, ListenAddress } from './listen-address.js';

/** The path of a Unix socket. A stale file that is its own is replaced; one that others have left is not. */
export class PathAddress implements ListenAddress {
  readonly endpoint: PathEndpoint;
  #isStale = false;

  constructor(path: string) {
    this.endpoint = Object.freeze({ path });
  }

  async open(listener: Server): Promise<void> {
    await this.free();
    await once(listener.listen({ path: this.endpoint.path, exclusive: true }), 'listening');
  }

  async keep(left: FileLeft): Promise<void> {
    if (left === 'missing') return this.free();
    if (this.#isStale || !hasFile(this.endpoint.path)) return;
    await leaveStale(this.endpoint.path);
    this.#isStale = true;
  }

  async free(): Promise<void> {
    if (this.#isStale) rmSync(this.endpoint.path, { force: true });
    this.#isStale = false;
  }
}

/** Whether it is a file: neither a pipe of Windows nor a name in the abstract namespace of Linux is one. */
export function hasFile(path: string): boolean {
  return process.platform !== 'win32' && !path.startsWith('\0');
}

/**
 * Makes the file of a Unix socket on which nobody listens. Node.js removes the file of a listener that it closes, so it
 * is not there under its name at that moment. All in one turn: no dial of this process comes in between.
 */
async function leaveStale(path: string): Promise<void> {
  const listener = createServer().listen({ path, exclusive: true });
  if (!listener.listening) await once(listener, 'listening');
  const aside = `${path}~`;
  renameSync(path, aside);
  listener.close();
  renameSync(aside, path);
}
