import mysql2 from 'mysql2';
import mysql2Promise from 'mysql2/promise';
import { createConnection as connectMariadb } from 'mariadb';
import { eachLife } from './over.mjs';

const column = {
  catalog: 'def',
  schema: '',
  table: '',
  orgTable: '',
  name: 'answer',
  orgName: 'answer',
  characterSet: 33,
  columnLength: 100,
  columnType: 253,
  flags: 0,
  decimals: 0,
};

/** The server of mysql2, which answers a query with its text. */
function serve(server) {
  server.on('connection', (stream) => {
    const session = mysql2.createConnection({ stream, isServer: true });
    session.on('error', () => {});
    // Packets are counted anew for each command, which the server of mysql2 forgets.
    const awaitCommand = () => Object.assign(session, { sequenceId: 0 });
    session.on('query', (answer) => {
      if (/^set/i.test(answer)) session.writeOk();
      else session.writeTextResult([{ answer }], [column]);
      awaitCommand();
    });
    session.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.0.0',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 224,
      capabilityFlags: 0xffffff,
      authCallback: (_, answer) => {
        answer(null);
        awaitCommand();
      },
    });
  });
}

async function withMysql2(client, value) {
  const [rows] = await client.query(value);
  return rows[0]?.answer;
}

export const mysql2OverTls = {
  client: 'mysql2 over TLS',
  package: 'mysql2',
  grade: 'C',
  hook: '`tls` of the connection, not of the client: `createConnection({ stream: () => socket })`',
  isSecure: true,
  serve,
  over: (place, options) =>
    eachLife(
      place,
      options,
      (socket) => mysql2Promise.createConnection({ stream: () => socket, user: 'me' }),
      withMysql2,
    ),
};

export const mariadbTrial = {
  client: 'mariadb',
  grade: 'C',
  hook: '`createConnection({ stream: () => socket })` is the handshake',
  serve,
  over: (place, options) =>
    eachLife(
      place,
      options,
      async (socket) => {
        const client = await connectMariadb({
          stream: () => socket,
          user: 'me',
          initializationTimeout: 2_000,
        });
        client.on('error', () => {});
        return client;
      },
      async (client, value) => (await client.query(value))[0]?.answer,
    ),
};
