/** ioredis over one connection: one client for all lives. It asks its Connector for the socket in each of them. */
import { connect, type Connection, type ConnectionOptions } from 'connman';
import { AbstractConnector, Redis } from 'ioredis';

export interface LastingRedis {
  readonly connection: Connection;
  /** The client, for all lives. `quit()` and `disconnect()` end the connection as well. */
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
    // Commands in flight are rejected when their life ends. The server may have carried them out, so they are not sent again.
    maxRetriesPerRequest: 0,
  });
  redis.on('error', nothingToDo);
  redis.once('end', () => void connection.disconnect());
  return { connection, redis };
}

/** Makes a Connector that returns the socket of the connection as soon as it is ready. */
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

    /** Ends the life. ioredis then asks for a new one, or emits `'end'` if it wants none. */
    override disconnect(): void {
      this.#waiting.abort();
      connection.socket.end();
    }
  };
}
