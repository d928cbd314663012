import type { Server } from 'node:net';
import { createConnection } from 'mysql2';

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

/** The server of mysql2: greets, lets `me` in, and answers a query with its text. */
export function serve(server: Server): void {
  server.on('connection', (stream) => {
    const session = createConnection({ stream, isServer: true });
    session.on('error', () => {});
    // Packets are counted anew for each command, which the server of mysql2 forgets.
    const awaitCommand = (): unknown => Object.assign(session, { sequenceId: 0 });
    session.on('query', (answer: string) => {
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
      authCallback: ({ user }: { user: string }, answer: (error: null, refusal?: Error) => void) => {
        answer(null, user === 'me' ? undefined : new Error('not you'));
        awaitCommand();
      },
    });
  });
}
