import { connect as connectMqttJs, type MqttClient } from 'mqtt';
import { describe } from 'vitest';
import { connectMqtt } from '../../examples/clients/mqtt.js';
import { it, until } from '../support/fixtures.js';
import { needsInstalled, startInstalled } from '../support/installed-server.js';
import { mosquitto } from '../support/servers.js';
import { Cutter } from './cutter.js';
import { liveThrough, mixed, type Subject } from './drops.js';
import { expectPersistence, type Mode, modes, type Place, report, soon, timeLimit } from './expectations.js';

const clientId = 'lasting';

/** The next event of that name. */
function happens(client: MqttClient, name: 'connect' | 'close'): Promise<void> {
  return new Promise((resolve) => client.once(name, () => resolve()));
}

/** What is heard on the topic of `value`; rejects when the life ends before. */
function heard(client: MqttClient, value: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stop = (): void => void client.removeListener('message', hear).removeListener('close', lose);
    const hear = (topic: string, payload: Buffer): void => {
      if (topic !== `echo/${value}`) return;
      stop();
      resolve(payload.toString());
    };
    const lose = (): void => {
      stop();
      reject(new Error('lost'));
    };
    client.on('message', hear).on('close', lose);
  });
}

/** Somebody else logs in by the same name: the broker ends the connection of the one before. */
async function takeOver({ port, host }: Place): Promise<void> {
  const other = connectMqttJs({ port, host, clientId, reconnectPeriod: 0 });
  await happens(other, 'connect');
  other.end(true);
  await happens(other, 'close');
}

function mqttOver({ port, host }: Place, listeners: Mode): Subject & { readonly client: MqttClient } {
  const { connection, client } = connectMqtt(port, host, { clientId }, { ...soon, listeners });
  let subscribed = 0;
  client.on('packetreceive', ({ cmd }) => {
    if (cmd === 'suback') subscribed = connection.life;
  });
  client.subscribe('echo/#', { qos: 1 });
  return {
    connection,
    client,
    /** Once the subscription is there, which MQTT.js renews in every life. */
    ready: () => until(() => subscribed > 0 && subscribed === connection.life),
    /** Publishes with QoS 1, and waits to hear of it. */
    ask: async (value) => {
      const publish = client.publishAsync(`echo/${value}`, value, { qos: 1 });
      const [answer] = await Promise.all([heard(client, value), publish]);
      return answer;
    },
  };
}

async function end({ client, connection }: ReturnType<typeof mqttOver>): Promise<void> {
  await client.endAsync();
  await until(() => connection.state === 'closed');
}

describe.each(modes)("mqtt with listeners: '%s'", timeLimit, (listeners) => {
  it('lives through 15 take-overs and 3 kill -9 with one client', async ({ skip }) => {
    needsInstalled(mosquitto, { skip });
    await using server = await startInstalled(mosquitto);
    const subject = mqttOver(server, listeners);
    const restart = async (): Promise<void> => {
      await server.kill();
      await server.start();
    };
    const account = await liveThrough(
      subject,
      mixed(15, () => takeOver(server), 3, restart),
    );
    report('mqtt', listeners, account);
    await end(subject);
    if (listeners === 'life') expectPersistence(account);
  });

  it('loses no more than what was under way when an answer or a login is cut in two', async ({ skip }) => {
    needsInstalled(mosquitto, { skip });
    await using server = await startInstalled(mosquitto);
    await using cutter = await Cutter.start(server);
    const subject = mqttOver(cutter, listeners);
    const account = await liveThrough(subject, [...cutter.drops(), ...cutter.dropsAtLogin()]);
    report('mqtt, cut', listeners, account);
    await end(subject);
    if (listeners === 'life') expectPersistence(account);
  });
});
