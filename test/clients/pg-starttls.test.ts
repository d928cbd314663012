import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { connect, constant, type Reset } from 'connman';
import { describe, expect } from 'vitest';
import { Postgres } from '../../examples/clients/pg.js';
import { certificates } from '../support/certificates.js';
import { it, until } from '../support/fixtures.js';

/** What a server does when it has agreed to TLS. */
type AfterAgreement = (socket: Socket) => void;

interface Postgresque {
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly accepted: () => number;
  close(): Promise<void>;
}

/** Answers the request for TLS of pg, and goes on as it is told. */
async function startPostgresque(afterAgreement: AfterAgreement): Promise<Postgresque> {
  let accepted = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('S');
      afterAgreement(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: { host: '127.0.0.1', port },
    accepted: () => accepted,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

const login = { user: 'postgres', password: 'secret', database: 'postgres' };

class Noting extends Postgres {
  readonly resets: Reset[] = [];

  override onReset(reset?: Reset): void {
    super.onReset();
    if (reset) this.resets.push(reset);
  }
}

describe('pg over TLS, as docs/clients.md attaches it', () => {
  const endings: Readonly<Record<string, { after: () => Promise<AfterAgreement>; reason: RegExp }>> = {
    'whose certificate is not trusted': {
      after: async () => {
        const { selfSigned } = await certificates();
        return (socket) =>
          void new TLSSocket(socket, { isServer: true, ...selfSigned }).on('error', () => {});
      },
      // Newer versions of Node.js add what one may try.
      reason: /: self-signed certificate(; |$)/,
    },
    'that resets the link in the TLS handshake': {
      after: () => Promise.resolve((socket) => void setImmediate(() => socket.resetAndDestroy())),
      reason: /ECONNRESET$|before secure TLS connection was established$/,
    },
    'that ends the link in the TLS handshake': {
      after: () => Promise.resolve((socket) => void socket.end()),
      reason: /before secure TLS connection was established$|ECONNRESET$|terminated/,
    },
  };
  for (const [what, { after, reason }] of Object.entries(endings)) {
    it(`leaves a server ${what}, and says why`, async () => {
      const servers = [await startPostgresque(await after()), await startPostgresque(() => {})] as const;
      const handler = new Noting({ ...login, ssl: true });
      const { resets } = handler;
      const connection = connect(
        servers.map(({ endpoint }) => endpoint),
        handler,
        { backoff: constant(0), listeners: 'life' },
      );
      await until(() => resets.length > 0);
      expect(resets[0]).toMatchObject({ code: 'handshake' });
      expect(resets[0]?.error?.message).toMatch(reason);
      await until(() => connection.state === 'handshaking');
      expect(connection.endpoint).toEqual(servers[1].endpoint);
      await connection.disconnect({ grace: 0 });
      await Promise.all(servers.map((server) => server.close()));
    });
  }

  it('is no storm where the server ends each link right after it has agreed: 50 in a pool', async ({
    manager,
  }) => {
    const server = await startPostgresque((socket) => void socket.end());
    const pool = manager.createPool('p', () => new Postgres({ ...login, ssl: true }), {
      backoff: constant(100),
      listeners: 'life',
    });
    for (let index = 0; index < 50; index += 1) pool.addConnection(server.endpoint);
    const begun = performance.now();
    await until(() => server.accepted() >= 6);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(5 * 95);
    expect(server.accepted()).toBe(6);
    await pool.disconnect({ grace: 0 });
    await server.close();
  });
});
