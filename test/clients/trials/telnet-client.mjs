import { Telnet } from 'telnet-client';
import { eachLife, inLife } from './over.mjs';

const prompt = '> ';

/** A shell whose only command says its own name. */
function serve(server) {
  server.on('connection', (socket) => {
    socket.write(prompt);
    let rest = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) socket.write(`${line}\r\n${line}\r\n${prompt}`);
    });
  });
}

async function make(sock, connection) {
  const client = new Telnet();
  client.on('error', () => {});
  const prompted = new Promise((resolve) => sock.once('data', resolve));
  await client.connect({ sock, shellPrompt: /> $/, timeout: 2_000, negotiationMandatory: false });
  await inLife(connection, prompted);
  return client;
}

export const trial = {
  client: 'telnet-client',
  grade: 'C',
  hook: '`connect({ sock: socket })`, and wait for the first prompt; one command at a time',
  // Half an answer counts as one, on a bare socket as well.
  isCut: false,
  serve,
  over: (place, options) =>
    eachLife(
      place,
      options,
      make,
      async (client, value, connection) => (await inLife(connection, client.exec(value))).trim(),
      1,
    ),
};
