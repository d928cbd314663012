import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** One step of a dialogue in plain text, as the server sees it: so many bytes that the client sends, or what it is told. */
export type Step = number | string | Buffer;

/** What happens to a connection, after so many bytes of its dialogue in both directions. */
export interface Cut {
  readonly after: number;
  readonly how: 'end' | 'reset' | 'silence';
}

/** How many bytes a dialogue has. */
export function lengthOf(steps: readonly Step[]): number {
  return steps.reduce<number>((sum, step) => sum + (typeof step === 'number' ? step : step.length), 0);
}

/** A server that begins in plain text, and then passes everything on. It keeps what clients have sent after that. */
export class Front {
  readonly port: number;
  /** For the connections to come, in their order; the others are whole. */
  readonly cuts: Cut[] = [];
  /** What each connection has sent after its dialogue. */
  readonly sniffed: Buffer[][] = [];
  /** What each connection has sent in its dialogue. */
  readonly said: Buffer[] = [];
  accepted = 0;
  readonly #server: Server;
  readonly #open: Set<Socket> = new Set();
  readonly #steps: readonly Step[];
  readonly #behind: number;
  /** Sends each byte on its own. */
  readonly #isSlow: boolean;

  private constructor(server: Server, steps: readonly Step[], behind: number, isSlow: boolean) {
    this.#server = server;
    this.#steps = steps;
    this.#behind = behind;
    this.#isSlow = isSlow;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => void this.#serve(socket));
  }

  /** `behind` is the port to pass on to. */
  static async start(steps: readonly Step[], behind: number, isSlow = false): Promise<Front> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Front(server, steps, behind, isSlow);
  }

  dropAll(how: 'end' | 'reset'): void {
    for (const socket of this.#open) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dropAll('end');
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(socket: Socket): Promise<void> {
    this.accepted += 1;
    this.#track(socket);
    let left = Infinity;
    const cut = this.cuts.shift();
    if (cut) left = cut.after;
    const stop = (): void => {
      if (cut?.how === 'reset') socket.resetAndDestroy();
      else if (cut?.how === 'end') socket.end();
      // Nothing follows, and nothing is read.
    };
    const number = this.said.push(Buffer.alloc(0)) - 1;
    const hear = (chunk: Buffer): void =>
      void (this.said[number] = Buffer.concat([this.said[number] as Buffer, chunk]));
    try {
      for (const step of this.#steps) {
        if (typeof step === 'number') {
          const length = Math.min(step, left);
          if (length > 0) hear(await take(socket, length));
          left -= step;
        } else {
          await this.#say(socket, Buffer.from(step as Buffer).subarray(0, Math.max(0, left)));
          left -= step.length;
        }
        if (left < 0) return stop();
      }
      if (cut) return stop();
    } catch {
      return;
    }
    this.#pass(socket);
  }

  async #say(socket: Socket, bytes: Buffer): Promise<void> {
    if (!this.#isSlow) {
      if (bytes.length > 0) socket.write(bytes);
      return;
    }
    for (const byte of bytes) {
      await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => setImmediate(resolve)));
    }
  }

  #pass(socket: Socket): void {
    const chunks: Buffer[] = [];
    this.sniffed.push(chunks);
    const behind = connect(this.#behind, '127.0.0.1');
    this.#track(behind);
    socket.on('data', (chunk: Buffer) => void chunks.push(chunk));
    socket.pipe(behind).pipe(socket);
    socket.on('close', () => behind.destroy());
    behind.on('close', () => socket.destroy());
  }

  #track(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#open.delete(socket));
  }
}

/** Reads so many bytes, and leaves the rest. */
async function take(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read(length) as Buffer | null;
    if (chunk?.length === length) return chunk;
    // Fewer bytes come only before the end.
    if (chunk || socket.destroyed || socket.readableEnded) throw new Error('the client has gone');
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['readable', 'end', 'close'] as const) socket.removeListener(event, done);
        resolve();
      };
      for (const event of ['readable', 'end', 'close'] as const) socket.on(event, done);
    });
  }
}

/** What is wrong with bytes that should be TLS records and nothing else. */
export function notTls(bytes: Buffer): string | undefined {
  for (let at = 0; at < bytes.length;) {
    const [type = 0, major] = [bytes[at], bytes[at + 1]];
    if (type < 20 || type > 24 || (major !== undefined && major !== 3))
      return `no record at ${at} of ${bytes.length}`;
    if (at + 5 > bytes.length) return undefined;
    at += 5 + bytes.readUInt16BE(at + 3);
  }
  return undefined;
}
