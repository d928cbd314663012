import { once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { PathEndpoint } from '../../primitives/endpoint.js';
import type { FileLeft, ListenAddress } from './listen-address.js';

/** The path of a Unix socket. It replaces the stale file that it left itself, and no other file. */
export class PathAddress implements ListenAddress {
  readonly endpoint: PathEndpoint;
  #isStale = false;

  constructor(path: string) {
    this.endpoint = Object.freeze({ path });
  }

  async listen(server: Server): Promise<void> {
    await this.release();
    await once(server.listen({ path: this.endpoint.path, exclusive: true }), 'listening');
  }

  async reserve(left: FileLeft): Promise<void> {
    if (left === 'missing') return this.release();
    if (this.#isStale || !hasFile(this.endpoint.path)) return;
    await leaveStale(this.endpoint.path);
    this.#isStale = true;
  }

  async release(): Promise<void> {
    if (this.#isStale) rmSync(this.endpoint.path, { force: true });
    this.#isStale = false;
  }
}

/** False for a pipe of Windows and for a name in the abstract namespace of Linux: neither is a file. */
export function hasFile(path: string): boolean {
  return process.platform !== 'win32' && !path.startsWith('\0');
}

/**
 * Creates the file of a Unix socket without a listener. Node.js removes the file when its server closes, so the file
 * has another name at that moment. All of it happens in one turn: no dial of this process can come in between.
 */
async function leaveStale(path: string): Promise<void> {
  const server = createServer().listen({ path, exclusive: true });
  if (!server.listening) await once(server, 'listening');
  const aside = `${path}~`;
  renameSync(path, aside);
  server.close();
  renameSync(aside, path);
}
