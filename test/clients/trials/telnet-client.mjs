import { Telnet } from 'telnet-client';
import { eachLife, inLife } from './over.mjs';

const prompt = '> ';

/** A shell whose only command says its own name, and that it is done. */
function serve(server) {
  server.on('connection', (socket) => {
    socket.write(prompt);
    let rest = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) socket.write(`${line}\r\n${line}\r\ndone\r\n${prompt}`);
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

async function ask(client, value, connection) {
  const output = await inLife(connection, client.exec(value));
  // Half an output counts as one, on a bare socket as well.
  const [answer, end] = output.trim().split(/\r?\n/);
  if (end !== 'done') throw new Error('cut off');
  return answer;
}

export const trial = {
  client: 'telnet-client',
  grade: 'C',
  hook: '`connect({ sock: socket })`, and wait for the first prompt; one command at a time, whose output may be cut off',
  serve,
  over: (place, options) => eachLife(place, options, make, ask, 1),
};
