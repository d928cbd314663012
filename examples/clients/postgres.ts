/** postgres.js over one connection: a new client for each life. */
import { FatalError, type Handler, type ManagedSocket } from 'connman';
import postgres, { type Options, type Sql } from 'postgres';

type Settings = Options<Record<string, never>>;

/** Refused logins (class 28 of the error codes), and a database that does not exist. */
const hopeless = /^(?:28\w{3}|3D000)$/;

/**
 * A lasting session of PostgreSQL: `connect(5432, host, new PostgresJs({ user, password }), { listeners: 'life' })`. The
 * connection is ready once the login is done, and closed when it is refused. Every life is a new session. A query cannot be
 * cancelled: that takes a socket of its own.
 */
export class PostgresJs implements Handler {
  readonly #settings: Settings;
  #sql: Sql | undefined;

  constructor(settings: Settings = {}) {
    this.#settings = settings;
  }

  /** The client of the present life. It rejects queries in flight when the life ends, and all later ones. */
  get sql(): Sql {
    if (!this.#sql) throw new Error('PostgreSQL is not connected');
    return this.#sql;
  }

  async onConnect(socket: ManagedSocket): Promise<void> {
    let isGiven = false;
    const settings: Settings & { socket: () => ManagedSocket } = {
      ...this.#settings,
      max: 1,
      // The connection has maxAge.
      max_lifetime: null,
      // It asks again after a drop. That is for the client of the next life to do.
      socket: () => {
        if (isGiven) throw new Error('the life is over');
        isGiven = true;
        return socket;
      },
    };
    const sql = postgres(settings);
    try {
      await sql`SELECT 1`;
    } catch (error) {
      if (!hopeless.test((error as { code?: string }).code ?? '')) throw error;
      throw new FatalError('PostgreSQL refuses the login', { cause: error });
    }
    this.#sql = sql;
  }

  onReset(): void {
    this.#sql = undefined;
  }
}
