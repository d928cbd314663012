import { ImapFlow } from 'imapflow';
import { eachLife, inLife, lineServer } from './over.mjs';

/** Lets everybody in; a mailbox has as many messages as its name says. */
function answerTo(line) {
  const [tag, command, name] = line.split(' ');
  const told = {
    CAPABILITY: '* CAPABILITY IMAP4rev1\r\n',
    STATUS: `* STATUS ${name} (MESSAGES ${name})\r\n`,
  };
  return `${told[command] ?? ''}${tag} OK done\r\n`;
}

async function make(socket) {
  const client = new ImapFlow({
    host: 'localhost',
    port: 143,
    secure: false,
    auth: { user: 'me', pass: 'secret' },
    logger: false,
    transport: {
      connect(_, connected) {
        process.nextTick(connected);
        return socket;
      },
    },
  });
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** It resolves with `false` where a command failed. */
async function ask(client, value, connection) {
  const status = await inLife(connection, client.status(value, { messages: true }));
  if (!status) throw new Error('no status');
  return String(status.messages);
}

export const trial = {
  client: 'imapflow',
  grade: 'C',
  hook: '`transport: { connect }` calls its second argument on the next tick and returns the socket; `false` is no answer',
  serve: lineServer('* OK ready\r\n', answerTo),
  over: (place, options) => eachLife(place, options, make, ask),
};
