import smpp from 'smpp';
import { eachLife, inLife } from './over.mjs';

function serve(server) {
  server.on('connection', (socket) => {
    const session = new smpp.Session({ socket });
    session.on('error', () => {});
    session.on('bind_transceiver', (pdu) => session.send(pdu.response()));
    session.on('submit_sm', (pdu) => session.send(pdu.response({ message_id: pdu.short_message.message })));
  });
}

function request(session, pdu, connection) {
  return inLife(
    connection,
    new Promise((resolve, reject) => {
      if (!session.send(pdu, resolve)) reject(new Error('not sent'));
    }),
  );
}

async function make(socket, connection) {
  const session = new smpp.Session({ socket });
  session.on('error', () => {});
  await request(session, new smpp.PDU('bind_transceiver', { system_id: 'me' }), connection);
  return session;
}

async function ask(session, value, connection) {
  const pdu = new smpp.PDU('submit_sm', { destination_addr: '1', short_message: value });
  return (await request(session, pdu, connection)).message_id;
}

export const trial = {
  client: 'smpp',
  grade: 'C',
  hook: '`new Session({ socket })`; reject requests with `connection.signal`',
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
