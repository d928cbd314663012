import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { encodeCommand, RespReader, type RespValue } from '../../src/registries/resp.js';

/** What a Sentinel says of a server. */
export interface Told {
  readonly ip: string;
  readonly port: number;
  readonly flags?: string;
  readonly epoch?: number;
}

/** A list in RESP. */
function list(...items: readonly string[]): string {
  return `*${items.length}\r\n${items.join('')}`;
}

function fields({ ip, port, flags = 'master', epoch = 0 }: Told): string {
  return encodeCommand('ip', ip, 'port', String(port), 'flags', flags, 'config-epoch', String(epoch));
}

/** A pretended Sentinel, which says what it is told. */
export class SentinelServer {
  primary: Told | undefined;
  replicas: readonly Told[] = [];
  /** Whom it has made the primary, while it still calls that one a replica. */
  promoted: Told | undefined;
  /** The password that it asks for. */
  password: string | undefined;
  isSilent = false;
  /** What it answers where it is no Sentinel. */
  rubbish: string | undefined;
  /** The commands that came, without those about events. */
  readonly asked: string[] = [];
  readonly links = new Set<Socket>();
  readonly #server: Server = createServer((socket) => this.#serve(socket));

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<this> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this;
  }

  /** Tells all who listen of an event. */
  tell(channel: string, text: string): void {
    for (const link of this.links) link.write(encodeCommand('pmessage', '*', channel, text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.links) link.destroy();
    if (this.#server.listening) await once(this.#server.close(), 'close');
  }

  #serve(socket: Socket): void {
    const reader = new RespReader();
    let isKnown = this.password === undefined;
    this.links.add(socket.on('error', () => {}).once('close', () => this.links.delete(socket)));
    socket.on('data', (chunk: Buffer) => {
      for (const command of reader.read(chunk)) {
        const words = command as readonly string[];
        if (words[0] === 'AUTH') isKnown = words.at(-1) === this.password;
        if (!this.isSilent) socket.write(this.rubbish ?? this.#answer(words, isKnown));
      }
    });
  }

  #answer(words: readonly RespValue[], isKnown: boolean): string {
    const [command = '', what = ''] = words.map(String);
    if (command === 'AUTH') return isKnown ? '+OK\r\n' : '-WRONGPASS invalid username-password pair\r\n';
    if (/SUBSCRIBE/.test(command))
      return `*3\r\n$${command.length}\r\n${command.toLowerCase()}\r\n$-1\r\n:0\r\n`;
    this.asked.push(words.join(' '));
    if (!isKnown) return '-NOAUTH Authentication required.\r\n';
    if (!this.primary) return '-ERR No such master with that name\r\n';
    const { ip, port } = this.promoted ?? this.primary;
    if (what === 'GET-MASTER-ADDR-BY-NAME') return encodeCommand(ip, String(port));
    return what === 'MASTER' ? fields(this.primary) : list(...this.replicas.map(fields));
  }
}
