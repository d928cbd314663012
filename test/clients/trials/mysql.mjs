import mysql2Promise from 'mysql2/promise';
import { createConnection as connectMariadb } from 'mariadb';
import { serve } from '../mysql-server.ts';
import { eachLife } from './over.mjs';

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
