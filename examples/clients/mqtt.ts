/** MQTT.js over one connection: one client for ever, which is told of every life. */
import { connect, type Connection, type ConnectionOptions } from 'connman';
import { type IClientOptions, MqttClient } from 'mqtt';

export interface LastingMqtt {
  readonly connection: Connection;
  /** Good for the life of the program; `end()` ends the connection as well. */
  readonly client: MqttClient;
}

/** The longest time there is: it is connman that says when to connect, and MQTT.js would keep no subscriptions with 0. */
const never = 2 ** 31 - 1;

/** Connects to an MQTT broker; messages may flow once the client emits `'connect'`, in every life again. */
export function connectMqtt(
  port: number,
  host: string,
  settings: IClientOptions = {},
  options: ConnectionOptions = {},
): LastingMqtt {
  const begin = (): void => void client.connect();
  const handler = { onConnect: begin, onReset: () => {}, onReconnect: begin };
  const connection = connect(port, host, handler, { listeners: 'life', ...options });
  const client = new MqttClient(() => connection.socket, {
    ...settings,
    manualConnect: true,
    reconnectPeriod: never,
  });
  // A lost link, which 'close' tells as well.
  client.on('error', () => {});
  client.once('end', () => void connection.disconnect());
  return { connection, client };
}
