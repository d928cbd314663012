import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { decode, encode, type Answer, type DecodedPacket } from 'dns-packet';

/** The codes of the answers that say that something went wrong. */
const codes = { SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** What a question is answered with: records (none is NODATA), a code, nothing, or what is no answer to it. */
export type Reply = readonly Answer[] | keyof typeof codes | 'silence' | 'garbage' | 'wrong id';

/** What says the reply to a question, when it is asked. */
type Script = Reply | ((ask: number) => Reply | Promise<Reply>);

/** The most that is sent over UDP; more is asked for again, over TCP. */
const longestDatagram = 1_232;

/** An A or AAAA record. */
export function address(name: string, data: string, ttl: number = 60): Answer {
  return { type: data.includes(':') ? 'AAAA' : 'A', name, data, ttl };
}

/** A CNAME record. */
export function alias(name: string, data: string, ttl: number = 60): Answer {
  return { type: 'CNAME', name, data, ttl };
}

/** An SRV record. */
export function service(name: string, target: string, port: number, priority = 0, weight = 0): Answer {
  return { type: 'SRV', name, ttl: 60, data: { target, port, priority, weight } };
}

/** A DNS server on 127.0.0.1, over UDP and TCP, that answers as it is told. What it is not told about does not exist. */
export class DnsResponder {
  /** What it was asked, in order: `A a.test`. */
  readonly asked: string[] = [];
  /** How many of them were asked over TCP. */
  askedOverTcp: number = 0;
  /** How many answers are being waited for, and the most there have been. */
  pending: number = 0;
  mostPending: number = 0;
  readonly #scripts = new Map<string, Script>();
  readonly #udp: UdpSocket = createSocket('udp4');
  readonly #tcp: Server = createServer((socket) => this.#serve(socket));
  readonly #links = new Set<Socket>();

  /** Where it listens, as resolvers are given to `dns`. */
  get server(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Says how `A a.test`, say, is answered from now on. */
  on(question: string, script: Script): this {
    this.#scripts.set(question, script);
    return this;
  }

  /** Tells of these addresses of a name; of a family without any, that there is none. */
  addresses(name: string, ...list: readonly string[]): this {
    const of = (isV6: boolean): Answer[] =>
      list.filter((each) => each.includes(':') === isV6).map((each) => address(name, each));
    return this.on(`A ${name}`, of(false)).on(`AAAA ${name}`, of(true));
  }

  /** How often this was asked. */
  count(question: string): number {
    return this.asked.filter((each) => each === question).length;
  }

  /** Begins to answer, on a port that is free for both. */
  async listen(): Promise<this> {
    this.#tcp.listen(0, '127.0.0.1');
    await once(this.#tcp, 'listening');
    this.#udp.on('message', (message, { port, address: host }) => {
      void this.#answer(message, longestDatagram, (answer) => this.#udp.send(answer, port, host));
    });
    this.#udp.bind(this.#port, '127.0.0.1');
    await once(this.#udp, 'listening');
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) link.destroy();
    this.#udp.close();
    await once(this.#tcp.close(), 'close');
  }

  get #port(): number {
    return (this.#tcp.address() as AddressInfo).port;
  }

  #serve(socket: Socket): void {
    this.#links.add(socket.on('error', () => {}).once('close', () => this.#links.delete(socket)));
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0);
        const message = rest.subarray(2, end);
        rest = rest.subarray(end);
        this.askedOverTcp += 1;
        void this.#answer(message, 65_535, (answer) => {
          const length = Buffer.alloc(2);
          length.writeUInt16BE(answer.length);
          if (!socket.destroyed) socket.write(Buffer.concat([length, answer]));
        });
      }
    });
  }

  async #answer(message: Buffer, longest: number, send: (answer: Buffer) => void): Promise<void> {
    const query = decode(message);
    const [{ type, name } = { type: '', name: '' }] = query.questions ?? [];
    const question = `${type} ${name.toLowerCase()}`;
    this.asked.push(question);
    this.mostPending = Math.max(this.mostPending, (this.pending += 1));
    const script = this.#scripts.get(question) ?? 'NXDOMAIN';
    const reply = typeof script === 'function' ? await script(this.count(question)) : script;
    this.pending -= 1;
    if (reply === 'silence') return;
    send(reply === 'garbage' ? garbage(message) : packet(query, reply, longest));
  }
}

/** An answer by its id, and nothing else. */
function garbage(message: Buffer): Buffer {
  return Buffer.concat([message.subarray(0, 2), Buffer.alloc(message.length - 2, 0xff)]);
}

function packet(query: DecodedPacket, reply: Exclude<Reply, 'silence' | 'garbage'>, longest: number): Buffer {
  const isCode = typeof reply === 'string' && reply !== 'wrong id';
  const response = {
    type: 'response' as const,
    id: ((query.id ?? 0) + (reply === 'wrong id' ? 1 : 0)) % 65_536,
    // Recursion desired and available.
    flags: 0x180 | (isCode ? codes[reply] : 0),
    questions: query.questions ?? [],
    answers: typeof reply === 'string' ? forged(reply, query) : [...reply],
  };
  const whole = encode(response);
  return whole.length <= longest ? whole : encode({ ...response, flags: 0x380, answers: [] });
}

/** What an answer with a wrong id says, to be seen if it is believed. */
function forged(reply: string, { questions: [question] = [] }: DecodedPacket): Answer[] {
  return reply === 'wrong id' && question?.type === 'A' ? [address(question.name, '10.6.6.6')] : [];
}

/** A responder that answers. */
export async function startResponder(): Promise<DnsResponder> {
  for (;;) {
    const responder = new DnsResponder();
    try {
      return await responder.listen();
    } catch (error) {
      // The port that is free for TCP is not free for UDP.
      await responder[Symbol.asyncDispose]();
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
