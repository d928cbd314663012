import type { ManagedSocket } from '../../../src/index.js';
import { Recorder } from '../../support/recorder.js';

/** A recorder that counts the sessions which the server has given in each life. */
export class SessionRecorder extends Recorder {
  readonly sessions: number[] = [];

  override onConnect(socket: ManagedSocket): void | Promise<void> {
    this.#count(socket);
    return super.onConnect(socket);
  }

  override onReconnect(socket: ManagedSocket): void | Promise<void> {
    this.#count(socket);
    return super.onReconnect(socket);
  }

  #count(socket: ManagedSocket): void {
    const life = this.sessions.push(0) - 1;
    socket.on('session', () => (this.sessions[life] = (this.sessions[life] ?? 0) + 1));
  }
}
