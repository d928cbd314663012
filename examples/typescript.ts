/**
 * The same as original.cjs, in TypeScript with a class. Start it with `npx tsx examples/typescript.ts [port] [host]`;
 * Ctrl-C ends it.
 */
import { connect, disconnectAll, type Handler, type ManagedSocket, type Reset } from 'connman';

class Greeter implements Handler {
  readonly #name: string;
  #greetings = 0;

  constructor(name: string) {
    this.#name = name;
  }

  onConnect(socket: ManagedSocket): void {
    console.log('connected');
    this.#greet(socket);
  }

  onReset(reset: Reset): void {
    console.log(`reset: ${reset.code}`);
  }

  onReconnect(socket: ManagedSocket): void {
    console.log('reconnected');
    this.#greet(socket);
  }

  onData(chunk: Buffer): void {
    process.stdout.write(`received: ${chunk.toString()}`);
  }

  #greet(socket: ManagedSocket): void {
    this.#greetings += 1;
    socket.write(`hello ${this.#greetings} from ${this.#name}\n`);
  }
}

const [port = '7000', host = '127.0.0.1'] = process.argv.slice(2);

connect(Number(port), host, new Greeter('connman'));

process.once('SIGINT', () => void disconnectAll());
