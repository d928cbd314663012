/** ioredis over one connection: one client for ever, which asks its Connector for the socket in every life. */
import { connect, type Connection, type ConnectionOptions } from 'connman';
import { AbstractConnector, Redis } from 'ioredis';

export interface LastingRedis {
  readonly connection: Connection;
  /** Good for the life of the program; `quit()` and `disconnect()` end the connection as well. */
  readonly redis: Redis;
}

/** Connects to Redis. connman decides when to dial again: ioredis follows it at once, and never dials itself. */
export function connectRedis(port: number, host: string, options: ConnectionOptions = {}): LastingRedis {
  const nothingToDo = (): void => {};
  const handler = { onConnect: nothingToDo, onReset: nothingToDo, onReconnect: nothingToDo };
  const connection = connect(port, host, handler, { listeners: 'life', ...options });
  const redis = new Redis({
    Connector: connectorOf(connection),
    retryStrategy: () => 0,
    // What was under way is rejected when its life ends: it may have been done, so it is not sent again.
    maxRetriesPerRequest: 0,
  });
  redis.on('error', nothingToDo);
  redis.once('end', () => void connection.disconnect());
  return { connection, redis };
}

/** A Connector that gives the socket of the connection as soon as it is up. */
function connectorOf(connection: Connection): new () => AbstractConnector {
  return class extends AbstractConnector {
    #waiting = new AbortController();

    constructor() {
      super(0);
    }

    override connect(): Promise<Connection['socket']> {
      this.#waiting = new AbortController();
      return connection.ready({ signal: this.#waiting.signal });
    }

    /** Ends the life: ioredis wants a new one, or none at all and says so by `'end'`. */
    override disconnect(): void {
      this.#waiting.abort();
      connection.socket.end();
    }
  };
}
