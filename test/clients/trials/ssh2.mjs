import ssh2 from 'ssh2';
import { Ssh } from '../../../examples/clients/ssh2.ts';
import { over } from './over.mjs';

const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');

/** The server of ssh2: lets in who knows the password, and a command says its own name, but `wait` says nothing. */
export function serve(server) {
  const sshd = new ssh2.Server({ hostKeys: [key] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (attempt) =>
      attempt.password === 'secret' ? attempt.accept() : attempt.reject(),
    );
    client.on('session', (accept) =>
      accept().on('exec', (take, _, { command }) => {
        const stream = take();
        if (command === 'wait') return;
        stream.write(command);
        stream.exit(0);
        stream.end();
      }),
    );
  });
  server.on('connection', (socket) => sshd.injectSocket(socket));
}

export const trial = {
  client: 'ssh2',
  grade: 'C',
  hook: '`client.connect({ sock: socket })` is the handshake: [`ssh2.ts`](../examples/clients/ssh2.ts)',
  isExample: true,
  serve,
  over(place, options) {
    const handler = new Ssh({ username: 'me', password: 'secret' });
    return over(place, options, handler, (command) => handler.run(command));
  },
};
