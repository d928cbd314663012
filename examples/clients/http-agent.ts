/** Node's http.Agent over one connection: one agent for all lives. It asks for the socket when it has none. */
import { connect, type Connection, type ConnectionOptions } from 'connman';
import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';

/** An agent that sends all requests over one lasting connection, one at a time, whatever host they name. */
export class LastingAgent extends Agent {
  readonly connection: Connection;

  constructor(port: number, host: string, options: ConnectionOptions = {}) {
    super({ keepAlive: true, maxSockets: 1, maxTotalSockets: 1 });
    const nothingToDo = (): void => {};
    const handler = { onConnect: nothingToDo, onReset: nothingToDo, onReconnect: nothingToDo };
    this.connection = connect(port, host, handler, { listeners: 'life', ...options });
  }

  override createConnection(
    _: ClientRequestArgs,
    callback: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const { connection } = this;
    connection.ready().then(
      // The agent unrefs a socket while no request uses it.
      (socket) => process.nextTick(callback, null, socket.ref()),
      (error: Error) => process.nextTick(callback, error),
    );
  }

  /** Ends the connection. Waiting requests are rejected. */
  override destroy(): void {
    super.destroy();
    void this.connection.disconnect();
  }
}
