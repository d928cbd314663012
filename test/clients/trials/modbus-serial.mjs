import ModbusRTU from 'modbus-serial';
import { called, eachLife, inLife } from './over.mjs';

/** The value of each holding register is its address. */
function serve(server) {
  server.on('connection', (socket) => {
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= 12; rest = rest.subarray(12)) {
        const answer = Buffer.from([
          ...rest.subarray(0, 5),
          5,
          ...rest.subarray(6, 8),
          2,
          ...rest.subarray(8, 10),
        ]);
        socket.write(answer);
      }
    });
  });
}

async function make(socket) {
  const client = new ModbusRTU();
  client.on('error', () => {});
  client.setTimeout(1_000);
  await called((done) => client.linkTCP(socket, {}, done));
  return client;
}

async function ask(client, value, connection) {
  const { data } = await inLife(connection, client.readHoldingRegisters(Number(value), 1));
  return String(data[0]);
}

export const trial = {
  client: 'modbus-serial',
  grade: 'C',
  hook: '`client.linkTCP(socket, {}, done)`; reject requests with `connection.signal`',
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
