import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { called, eachLife, lineServer } from './over.mjs';

/** Takes every mail, and says the last line of its text. */
const serve = lineServer('220 here\r\n', (line, state) => {
  if (state.isMail) {
    if (line !== '.') {
      state.text = line;
      return '';
    }
    state.isMail = false;
    return `250 ${state.text}\r\n`;
  }
  if (line !== 'DATA') return '250 OK\r\n';
  state.isMail = true;
  return '354 Go on\r\n';
});

async function make(connection) {
  const client = new SMTPConnection({ connection, ignoreTLS: true });
  await new Promise((resolve, reject) => {
    client.on('error', reject).once('end', () => reject(new Error('closed')));
    client.connect(resolve);
  });
  client.on('error', () => {});
  return client;
}

async function ask(client, value) {
  const envelope = { from: 'me@here.test', to: ['you@there.test'] };
  const { response } = await called((done) =>
    client.send(envelope, `Subject: one\r\n\r\n${value}\r\n`, done),
  );
  return response.slice(4);
}

export const trial = {
  client: 'nodemailer',
  grade: 'C',
  hook: '`new SMTPConnection({ connection: socket })`, one mail at a time',
  serve,
  over: (place, options) => eachLife(place, options, make, ask, 1),
};
