import { SocksClient } from 'socks';
import { eachLife, inLife } from './over.mjs';

/** A proxy whose targets all echo. */
function serve(server) {
  server.on('connection', (socket) => {
    let stage = 0;
    socket.on('data', (chunk) => {
      if (stage === 0) socket.write('\x05\x00');
      else if (stage === 1) socket.write('\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00', 'latin1');
      else socket.write(chunk);
      stage += 1;
    });
  });
}

async function make(existing_socket, { endpoint }) {
  const { socket } = await SocksClient.createConnection({
    proxy: { host: endpoint.host, port: endpoint.port, type: 5 },
    command: 'connect',
    destination: { host: '192.0.2.1', port: 7 },
    existing_socket,
  });
  const waiting = [];
  let rest = '';
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) waiting.shift()?.(line);
  });
  return { socket, waiting };
}

function ask({ socket, waiting }, value, connection) {
  const answer = new Promise((resolve) => waiting.push(resolve));
  socket.write(`${value}\n`);
  return inLife(connection, answer);
}

export const trial = {
  client: 'socks',
  grade: 'C',
  hook: '`SocksClient.createConnection({ existing_socket: socket })` is the handshake, or the `prelude`',
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
