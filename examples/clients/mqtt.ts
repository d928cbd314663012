/** MQTT.js over one connection: one client for all lives. It connects again in each of them. */
import { connect, type Connection, type ConnectionOptions } from 'connman';
import { type IClientOptions, MqttClient } from 'mqtt';

export interface LastingMqtt {
  readonly connection: Connection;
  /** The client, for all lives. `end()` ends the connection as well. */
  readonly client: MqttClient;
}

/** The longest wait: connman decides when to connect. With 0, MQTT.js would not keep its subscriptions. */
const never = 2 ** 31 - 1;

/** Connects to an MQTT broker. The client emits `'connect'` in each life; messages may flow from then on. */
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
  // A lost link. 'close' reports it as well.
  client.on('error', () => {});
  client.once('end', () => void connection.disconnect());
  return { connection, client };
}
