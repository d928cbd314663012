import { Kafka, logLevel } from 'kafkajs';
import { eachLife, inLife } from './over.mjs';

const int16 = (value) => Buffer.from([value >> 8, value & 255]);
const int32 = (value) => Buffer.from([0, 0, ...int16(value)]);
const text = (value) => Buffer.concat([int16(value.length), Buffer.from(value)]);

/** What the broker calls itself, and what the client has to call it: then it asks for no other socket. */
const name = 'kafka.test';

const [metadata, apiVersions] = [3, 18];
const versions = [int16(0), int32(2), ...[metadata, apiVersions].flatMap((key) => [int16(key), int32(0)])];

/** What a broker answers that knows version 0 of two requests: it is the only one, and each topic exists. */
function answerTo(request) {
  if (request.readInt16BE(0) === apiVersions) return Buffer.concat(versions);
  const topic = request.subarray(8 + request.readInt16BE(8) + 2 + 4);
  const broker = [int32(1), int32(1), text(name), int32(9092)];
  return Buffer.concat([...broker, int32(1), int16(0), topic, int32(0)]);
}

function serve(server) {
  server.on('connection', (socket) => {
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const request = rest.subarray(4, 4 + rest.readInt32BE(0));
        rest = rest.subarray(4 + request.length);
        const answer = Buffer.concat([request.subarray(4, 8), answerTo(request)]);
        socket.write(Buffer.concat([int32(answer.length), answer]));
      }
    });
  });
}

/** It would ask for another socket by itself: the life has one. It unrefs the socket of a life that has ended. */
async function make(socket) {
  let given = 0;
  const kafka = new Kafka({
    brokers: [`${name}:9092`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    socketFactory({ onConnect }) {
      given += 1;
      if (given > 1) throw new Error('the life is over');
      process.nextTick(onConnect);
      return socket.ref();
    },
  });
  const admin = kafka.admin();
  await admin.connect();
  return admin;
}

async function ask(admin, value, connection) {
  const { topics } = await inLife(connection, admin.fetchTopicMetadata({ topics: [value] }));
  return topics[0]?.name;
}

export const trial = {
  client: 'kafkajs',
  grade: 'C',
  hook: '`socketFactory` calls `onConnect` on the next tick and returns `socket.ref()`, its second call throws; a connection for each broker',
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
