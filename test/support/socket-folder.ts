import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for Unix sockets; on Windows, the part of a pipe's name that makes it unique. */
export class SocketFolder {
  readonly #folder = mkdtempSync(join(tmpdir(), 'connman-'));
  #count = 0;

  /** A path that no socket has had before. */
  next(): string {
    this.#count += 1;
    const path = join(this.#folder, String(this.#count));
    return process.platform === 'win32' ? `\\\\.\\pipe\\${path.replaceAll(/[:\\]/g, '-')}` : path;
  }

  /** Removes it. Throws if a file is left in it. */
  remove(): void {
    const left = readdirSync(this.#folder);
    rmSync(this.#folder, { recursive: true });
    if (left.length > 0) throw new Error(`files left of Unix sockets: ${left.join(', ')}`);
  }
}
