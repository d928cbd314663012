import ssh2 from 'ssh2';
import { eachLife, inLife } from './over.mjs';

const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');

/** The server of ssh2: lets everybody in, and a command says its own name. */
function serve(server) {
  const sshd = new ssh2.Server({ hostKeys: [key] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (attempt) => attempt.accept());
    client.on('session', (accept) =>
      accept().on('exec', (take, _, { command }) => {
        const stream = take();
        stream.write(command);
        stream.exit(0);
        stream.end();
      }),
    );
  });
  server.on('connection', (socket) => sshd.injectSocket(socket));
}

function make(sock) {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    client.once('ready', () => resolve(client)).on('error', reject);
    client.once('close', () => reject(new Error('closed')));
    client.connect({ sock, username: 'me', password: 'secret' });
  });
}

function ask(client, value, connection) {
  const answered = new Promise((resolve, reject) => {
    client.exec(value, (error, stream) => {
      if (error) return reject(error);
      let answer = '';
      let isDone = false;
      stream.on('data', (chunk) => (answer += chunk)).on('exit', () => (isDone = true));
      return stream.once('close', () => (isDone ? resolve(answer) : reject(new Error('cut off'))));
    });
  });
  return inLife(connection, answered);
}

export const trial = {
  client: 'ssh2',
  grade: 'C',
  hook: '`client.connect({ sock: socket })` is the handshake',
  serve,
  over: (place, options) => eachLife(place, options, make, ask),
};
