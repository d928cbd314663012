import { chmodSync, lstatSync, mkdirSync, rmdirSync, unlinkSync } from 'node:fs';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { dirname, resolve as absolute } from 'node:path';

/** Where to listen. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly path: string | undefined;
}

/**
 * Lets a server listen; resolves with what to do once it is closed. Rejects with the error of Node.js where that is not
 * possible.
 */
export async function listen(server: Server, { host, port, path }: Place): Promise<() => void> {
  if (path === undefined) {
    await listening(server, () => server.listen({ host, port, exclusive: true }));
    return () => undefined;
  }
  const folder = dirname(absolute(path));
  // What is made is made for this user alone. What is there stays as it is: the socket itself is private as well.
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
  const tidy = (): void => {
    if (made === undefined) return;
    try {
      for (let each = folder; each.startsWith(made); each = dirname(each)) rmdirSync(each);
    } catch {
      // There is something else in it.
    }
  };
  try {
    await listening(server, () => listenPrivately(server, path)).catch(async (error: unknown) => {
      if (!(await isAbandoned(path, error))) throw error;
      unlinkSync(path);
      await listening(server, () => listenPrivately(server, path));
    });
  } catch (error) {
    tidy();
    throw error;
  }
  return tidy;
}

/** Node.js makes the socket in the call: nobody has connected before its mode is set. */
function listenPrivately(server: Server, path: string): void {
  server.listen({ path, exclusive: true });
  if (server.listening) chmodSync(path, 0o600);
}

function listening(server: Server, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      server.off('listening', settle).off('error', settle);
      if (error) reject(error);
      else resolve();
    };
    server.on('listening', settle).on('error', settle);
    try {
      start();
    } catch (error) {
      settle(error as Error);
    }
  });
}

/** Whether the socket in the way has no listener: a process that was killed leaves one behind. */
async function isAbandoned(path: string, error: unknown): Promise<boolean> {
  const isInUse = (error as { code?: unknown } | null)?.code === 'EADDRINUSE';
  if (!isInUse || !lstatSync(path).isSocket()) return false;
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.on('connect', () => resolve(false)).on('connect', () => probe.destroy());
    probe.on('error', (failure) => resolve('code' in failure && failure.code === 'ECONNREFUSED'));
  });
}
