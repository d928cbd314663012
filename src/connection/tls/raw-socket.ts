import { Socket, type SocketConstructorOpts } from 'node:net';
import type { PreludeRun } from '../socket/prelude-run.js';

/** The socket of one dial beneath TLS. Until its prelude is over, what it reads goes to that. */
export class RawSocket extends Socket {
  run: PreludeRun | undefined;
  #keepsAlive = true;

  constructor(options: SocketConstructorOpts, isReferenced: boolean) {
    super(options);
    // Each address that is tried has a handle of its own.
    this.on('connectionAttempt', () => this.reference(this.#keepsAlive));
    // The dial reports it.
    this.on('error', () => undefined);
    this.#keepsAlive = isReferenced;
  }

  reference(isReferenced: boolean): void {
    this.#keepsAlive = isReferenced;
    // Without a handle, Node.js would add a listener instead.
    if (this.destroyed || (this.pending && !this.connecting)) return;
    if (isReferenced) this.ref();
    else this.unref();
  }

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    return this.run ? this.run.take(chunk as Buffer | null) : super.push(chunk, encoding);
  }
}
