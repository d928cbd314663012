import { Client } from 'ldapts';
import { eachLife } from './over.mjs';

/** One element of BER, whose content is shorter than 128 bytes. */
const element = (tag, ...parts) => {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
};

const success = [element(0x0a, [0]), element(0x04), element(0x04)];

/** Lets everybody in, and finds an entry without attributes for every name. */
function answerTo(message) {
  const id = message.subarray(0, 2 + message[1]);
  const request = message.subarray(id.length);
  if (request[0] === 0x60) return element(0x30, id, element(0x61, ...success));
  if (request[0] !== 0x63) return Buffer.alloc(0);
  const start = request[1] < 128 ? 2 : 2 + (request[1] & 127);
  const name = request.subarray(start, start + 2 + request[start + 1]);
  const entry = element(0x30, id, element(0x64, name, element(0x30)));
  return Buffer.concat([entry, element(0x30, id, element(0x65, ...success))]);
}

function serve(server) {
  server.on('connection', (socket) => {
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 2 && rest.length >= 2 + rest[1]) {
        const end = 2 + rest[1];
        socket.write(answerTo(rest.subarray(2, end)));
        rest = rest.subarray(end);
      }
    });
  });
}

async function make(socket) {
  const client = new Client({ url: 'ldap://localhost', createConnection: () => socket });
  await client.bind('cn=me', 'secret');
  return client;
}

async function ask(client, value) {
  const { searchEntries } = await client.search(`cn=${value}`, { scope: 'base' });
  return searchEntries[0]?.dn.slice(3);
}

export const trial = {
  client: 'ldapts',
  grade: 'C',
  hook: '`new Client({ createConnection: () => socket })`, `bind()` is the handshake',
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
