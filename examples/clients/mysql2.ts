/** mysql2 over one connection: a new Connection of mysql2 for each life. */
import type { Handler, ManagedSocket } from 'connman';
import { createConnection, type Connection, type ConnectionOptions } from 'mysql2/promise';

/**
 * A lasting session of MySQL: `connect(3306, host, new MySql({ user, password }), { listeners: 'life' })`. The
 * connection is ready once the login is done. Every life is a new session, without the transactions, prepared statements
 * and SET of the last one.
 */
export class MySql implements Handler {
  readonly #config: ConnectionOptions;
  #client: Connection | undefined;

  constructor(config: ConnectionOptions) {
    this.#config = config;
  }

  /** The client of the present life. It rejects requests in flight when the life ends. */
  get client(): Connection {
    if (!this.#client) throw new Error('MySQL is not connected');
    return this.#client;
  }

  /** The server speaks first, so the client must be made before this call returns. */
  async onConnect(socket: ManagedSocket): Promise<void> {
    const client = await createConnection({ ...this.#config, stream: () => socket });
    // The end of the life. onReset hears of it as well.
    client.on('error', () => {});
    this.#client = client;
  }

  onReconnect(socket: ManagedSocket): Promise<void> {
    return this.onConnect(socket);
  }

  onReset(): void {
    this.#client = undefined;
  }
}
