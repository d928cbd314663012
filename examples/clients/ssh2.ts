/** ssh2 over one connection: a new Client for each life. */
import { FatalError, type Handler, type ManagedSocket } from 'connman';
import { Client, type ConnectConfig } from 'ssh2';

/**
 * A lasting SSH session: `connect(22, host, new Ssh({ username, privateKey }), { listeners: 'life' })`. The connection is ready
 * once the login is done, and closed when it is refused. Every life is a new session: commands, shells and forwarded ports end
 * with it.
 */
export class Ssh implements Handler {
  readonly #config: ConnectConfig;
  #client: Client | undefined;

  constructor(config: ConnectConfig) {
    this.#config = config;
  }

  /** The client of the present life. */
  get client(): Client {
    if (!this.#client) throw new Error('SSH is not connected');
    return this.#client;
  }

  onConnect(socket: ManagedSocket): Promise<void> {
    return new Promise((resolve, reject) => {
      const client = new Client();
      client.once('ready', () => {
        this.#client = client;
        resolve();
      });
      // After the login, these are the end of the life. onReset hears of it as well.
      client.on('error', (error) => {
        const isRefused = error.level === 'client-authentication';
        reject(isRefused ? new FatalError('SSH refuses the login', { cause: error }) : error);
      });
      client.once('close', () => reject(new Error('the link was closed')));
      client.connect({ ...this.#config, sock: socket });
    });
  }

  onReset(): void {
    this.#client = undefined;
  }

  /** What a command says. Rejects when the life ends before the command does, which may have been carried out all the same. */
  run(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.client.exec(command, (error, stream) => {
        if (error) return reject(error);
        let said = '';
        let isDone = false;
        stream.setEncoding('utf8').on('data', (text: string) => (said += text));
        // A stream that is cut off closes like any other, but without this.
        stream.once('exit', () => (isDone = true));
        stream.once('close', () => (isDone ? resolve(said) : reject(new Error('SSH was cut off'))));
        stream.stderr.resume();
      });
    });
  }
}
