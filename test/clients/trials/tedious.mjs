import { Connection, Request } from 'tedious';
import { called, eachLife } from './over.mjs';

const uint16 = (value) => Buffer.from([value & 255, value >> 8]);
const wide = (value) => Buffer.from(value, 'utf16le');

/** A message of one packet. */
function packet(type, ...parts) {
  const payload = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type, 1, 0, 8 + payload.length, 0, 0, 1, 0]), payload]);
}

const [batch, login, prelogin] = [1, 16, 18];
const done = Buffer.from([0xfd, ...Array(12).fill(0)]);

/** Its version, and that it cannot encrypt. */
const greeting = Buffer.from([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, 2]);
const welcome = Buffer.from([0xad, 10, 0, 1, 0x74, 0, 0, 4, 0, 16, 0, 0, 0]);

/** One row, with one column of text. */
function row(value) {
  const column = [0, 0, 0, 0, 0, 0, 0xe7, 200, 0, 9, 4, 0xd0, 0, 0x34, 1];
  const data = wide(value);
  return [Buffer.from([0x81, 1, 0, ...column]), wide('a'), Buffer.from([0xd1]), uint16(data.length), data];
}

/** The text of a batch comes after headers that say how long they are. */
function answerTo(type, payload) {
  if (type === prelogin) return packet(4, greeting);
  if (type === login) return packet(4, welcome, done);
  if (type !== batch) return Buffer.alloc(0);
  const text = payload.toString('utf16le', payload.readUInt32LE(0));
  return text.startsWith('set ') ? packet(4, done) : packet(4, ...row(text), done);
}

/** Lets everybody in, and answers a batch with its text. */
function serve(server) {
  server.on('connection', (socket) => {
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 8 && rest.length >= rest.readUInt16BE(2)) {
        const length = rest.readUInt16BE(2);
        socket.write(answerTo(rest[0], rest.subarray(8, length)));
        rest = rest.subarray(length);
      }
    });
  });
}

/** It would ask for another socket by itself: the life has one. */
async function make(socket) {
  let given = 0;
  const client = new Connection({
    server: 'localhost',
    authentication: { type: 'default', options: { userName: 'me', password: 'secret' } },
    options: {
      encrypt: false,
      connector: async () => {
        given += 1;
        if (given > 1) throw new Error('the life is over');
        return socket;
      },
    },
  });
  client.on('error', () => {});
  await called((end) => client.connect(end));
  return client;
}

function ask(client, value) {
  return new Promise((resolve, reject) => {
    let answer;
    const request = new Request(value, (error) => (error ? reject(error) : resolve(answer)));
    request.on('row', ([column]) => (answer = column.value));
    client.execSqlBatch(request);
  });
}

export const trial = {
  client: 'tedious',
  grade: 'C',
  hook: '`connector: async () => socket`, whose second call throws; one batch at a time',
  serve,
  over: (place, options) => eachLife(place, options, make, ask, 1),
};
