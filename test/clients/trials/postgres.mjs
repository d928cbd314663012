import { connect } from 'node:net';
import { Client } from 'pg';
import postgres from 'postgres';
import { postgresql } from '../../../examples/preludes/starttls.ts';
import { certificates } from '../../support/certificates.ts';
import { startInstalled } from '../../support/installed-server.ts';
import { postgresLogin, securePostgres } from '../../support/servers.ts';
import { eachLife } from './over.mjs';

/** The real server, behind one whose connections can be dropped. */
async function start() {
  const { ca, localhost } = await certificates();
  const { port } = await startInstalled(securePostgres(localhost));
  const serve = (server) =>
    server.on('connection', (socket) => {
      const real = connect(port, '127.0.0.1');
      socket.pipe(real).on('error', () => {});
      real.pipe(socket).on('close', () => real.destroy());
    });
  return { serve, ca };
}

/** The package would ask for another socket by itself: the life has one. */
async function withPostgres(socket) {
  let given = 0;
  const sql = postgres({
    ...postgresLogin,
    socket: () => {
      given += 1;
      if (given > 1) throw new Error('the life is over');
      return socket;
    },
    max: 1,
    fetch_types: false,
  });
  await sql`SELECT 1`;
  return sql;
}

export const postgresJs = {
  client: 'postgres',
  grade: 'C',
  hook: '`postgres({ socket: () => socket, max: 1 })`, whose second call throws',
  start,
  over: (place, options) =>
    eachLife(place, options, withPostgres, async (sql, value) => {
      const [{ answer }] = await sql`SELECT ${value}::text AS answer`;
      return answer;
    }),
};

export const pgOverTls = {
  client: 'pg over TLS',
  package: 'pg',
  grade: 'C',
  hook: '`tls` and the `prelude` [`postgresql`](../examples/preludes/starttls.ts): `new Client({ stream: () => socket })`',
  isSecure: true,
  start,
  over: (place, { tls }) =>
    eachLife(
      place,
      { tls: { ...tls, servername: 'localhost' }, prelude: postgresql },
      async (socket) => {
        if (!socket.encrypted) throw new Error('in plain text');
        const client = new Client({ ...postgresLogin, stream: () => socket });
        client.on('error', () => {});
        await client.connect();
        return client;
      },
      async (client, value) => (await client.query('SELECT $1::text AS answer', [value])).rows[0]?.answer,
      1,
    ),
};
