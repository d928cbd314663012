import { connect } from 'node:net';
import { Client } from 'pg';
import { PostgresJs } from '../../../examples/clients/postgres.ts';
import { postgresql } from '../../../examples/preludes/starttls.ts';
import { certificates } from '../../support/certificates.ts';
import { startInstalled } from '../../support/installed-server.ts';
import { postgresLogin, securePostgres } from '../../support/servers.ts';
import { eachLife, over } from './over.mjs';

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

export const postgresJs = {
  client: 'postgres',
  grade: 'C',
  hook: '`postgres({ socket: () => socket, max: 1 })`, whose second call throws: [`postgres.ts`](../examples/clients/postgres.ts)',
  isExample: true,
  start,
  over(place, options) {
    const handler = new PostgresJs({ ...postgresLogin, fetch_types: false });
    return over(place, options, handler, async (value) => {
      const [{ answer }] = await handler.sql`SELECT ${value}::text AS answer`;
      return answer;
    });
  },
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
