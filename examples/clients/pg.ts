/** pg over one connection: a new Client for each life. */
import type { Handler, ManagedSocket } from 'connman';
import { Client, type ClientConfig } from 'pg';

/**
 * A lasting session of PostgreSQL: `connect(5432, host, new Postgres({ user, password }), { listeners: 'life' })`. The
 * connection is ready once the login is done. Every life is a new session, without the transactions, prepared statements,
 * LISTEN and SET of the last one.
 */
export class Postgres implements Handler {
  readonly #config: ClientConfig;
  #client: Client | undefined;

  constructor(config: ClientConfig) {
    this.#config = config;
  }

  /** The client of the present life. It rejects requests in flight when the life ends. */
  get client(): Client {
    if (!this.#client) throw new Error('PostgreSQL is not connected');
    return this.#client;
  }

  async onConnect(socket: ManagedSocket): Promise<void> {
    const client = new Client({ ...this.#config, stream: () => socket });
    // The end of the life. onReset hears of it as well.
    client.on('error', () => {});
    await client.connect();
    this.#client = client;
  }

  onReconnect(socket: ManagedSocket): Promise<void> {
    return this.onConnect(socket);
  }

  onReset(): void {
    this.#client = undefined;
  }
}
