/** Node's http.Agent over one connection: one agent for ever, which asks for the socket when it has none. */
import { connect, type Connection, type ConnectionOptions, type ManagedSocket } from 'connman';
import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';

/** An agent whose requests take turns on one lasting connection, whatever host they name. */
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
      (socket) => process.nextTick(callback, null, likeNew(socket)),
      (error: Error) => process.nextTick(callback, error),
    );
  }

  /** Ends the connection; requests that wait are rejected. */
  override destroy(): void {
    super.destroy();
    void this.connection.disconnect();
  }
}

/** Takes back what http did to the socket in the last life: for http, this is another socket. */
function likeNew(socket: ManagedSocket): ManagedSocket {
  // A socket that has failed once is marked, and then http tells no request any more that its connection is lost.
  Object.assign(socket, { _hadError: false });
  // The agent unrefs a socket while no request uses it.
  return socket.ref();
}
