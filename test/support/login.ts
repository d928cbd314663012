import type { ManagedSocket } from '../../src/index.js';
import type { FaultServer } from '../../src/testing/index.js';
import { Recorder } from './recorder.js';

/** A handler that logs in to a server which echoes: the server knows the password `right` only. */
export class Login extends Recorder {
  logins = 0;
  readonly #password: string;
  #answered: ((answer: string) => void) | undefined;

  constructor(password: string) {
    super();
    this.#password = password;
  }

  override onConnect(socket: ManagedSocket): Promise<void> {
    void super.onConnect(socket);
    return this.#logIn(socket);
  }

  override onReconnect(socket: ManagedSocket): Promise<void> {
    void super.onReconnect(socket);
    return this.#logIn(socket);
  }

  override onData(chunk: Buffer): void {
    super.onData(chunk);
    this.#answered?.(chunk.toString());
  }

  #logIn(socket: ManagedSocket): Promise<void> {
    this.logins += 1;
    socket.write(this.#password);
    return new Promise((resolve, reject) => {
      this.#answered = (answer) => {
        if (answer === 'right') resolve();
        else reject(new Error('wrong password'));
      };
    });
  }
}

/** A server that is away for a moment, and has lost all of its connections. */
export async function restart(server: FaultServer): Promise<void> {
  await server.refuse();
  server.dropAll('reset');
  await server.listen();
}
