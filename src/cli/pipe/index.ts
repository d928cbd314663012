import { connect } from '../../index.js';
import type { Arguments } from '../shell/arguments.js';
import type { Command } from '../shell/command.js';
import { readEndpoint } from '../shell/endpoint-argument.js';
import type { Terminal } from '../shell/terminal.js';
import { UsageError } from '../shell/usage-error.js';
import { Pipe } from './pipe.js';

/** How long what is written may take to leave when the command is stopped, in milliseconds. */
const grace = 500;

async function run(given: Arguments, terminal: Terminal): Promise<number> {
  const [operand, another] = given.operands;
  if (operand === undefined || another !== undefined) {
    throw new UsageError(`expected one endpoint, got ${given.operands.length}`);
  }
  const { name, endpoint } = readEndpoint(operand);
  const pipe = new Pipe(name, given.has('hold'), process.stdin, terminal);
  const connection = connect(endpoint, pipe, given.has('tls') ? { tls: true } : {});
  void terminal.stopped().then(() => {
    pipe.stop();
    return connection.disconnect({ grace });
  });
  await pipe.closed;
  return pipe.hasLost ? 1 : 0;
}

/** `connman pipe`. */
export const pipeCommand: Command = {
  name: 'pipe',
  summary: 'connect stdin and stdout to a server, and reconnect',
  operands: 'host:port | path',
  options: {
    hold: { text: 'keep lines while the link is down; stdin is not read meanwhile' },
    tls: { text: 'speak TLS (certificates: NODE_EXTRA_CA_CERTS=file)' },
  },
  about: `A netcat that reconnects. What comes from stdin goes to the server, what comes from the server to stdout; states go to
stderr. Lines that were written and not answered when the link is lost are reported, and not sent again. Without
--hold, what is read while the link is down is dropped and reported. At the end of stdin it waits for the answer of the
server, until that ends too or is silent for 2 s. Exit code: 0, or 1 if something was lost.`,
  examples: [
    'connman pipe 127.0.0.1:6379',
    'connman pipe --tls [2001:db8::1]:6380',
    'tail -f app.log | connman pipe --hold logs.example:5170',
    "printf 'version\\r\\n' | connman pipe /run/memcached.sock",
  ],
  run,
};
