/** jsmodbus over one connection: one client for all lives. It follows them by the events of the socket. */
import { connect, type Connection, type ConnectionOptions } from 'connman';
import { client } from 'jsmodbus';

/** Drops half an answer when its life ends: jsmodbus keeps it, and would join it with the first bytes of the next life. */
class ModbusClient extends client.TCP {
  readonly #newResponseHandler = this._responseHandler.constructor as new () => typeof this._responseHandler;

  forgetHalfAnswer(): void {
    this._responseHandler = new this.#newResponseHandler();
  }
}

export interface Modbus {
  readonly connection: Connection;
  /** The client, for all lives. A request is rejected as `Offline` when its life ends, or outside a life. */
  readonly modbus: ModbusClient;
}

/** Connects to a Modbus server; requests may begin when `connection.ready()` resolves. */
export function connectModbus(port: number, host: string, options: ConnectionOptions = {}): Modbus {
  const nothingToDo = (): void => {};
  const handler = {
    onConnect: nothingToDo,
    onReconnect: nothingToDo,
    onReset: () => modbus.forgetHalfAnswer(),
  };
  const connection = connect(port, host, handler, options);
  const modbus = new ModbusClient(connection.socket, 1, 1_000);
  return { connection, modbus };
}
