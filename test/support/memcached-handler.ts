import type { Handler, ManagedSocket, Reset } from '../../src/index.js';

/** What a request is rejected with when its life has ended, or none has begun. */
export class LostError extends Error {
  readonly reset: Reset | undefined;

  constructor(reset?: Reset) {
    super(reset ? `lost by a reset: ${reset.code}` : 'refused: not connected');
    this.reset = reset;
  }
}

interface Request {
  /** Takes one line of the answer; says whether it was the last one. */
  readonly take: (line: string) => boolean;
  readonly lose: (error: LostError) => void;
}

/**
 * A client of the text protocol of memcached, as a program of connman's would have one: the server answers in order, so
 * a queue of requests matches the answers. Values contain no line ends.
 */
export class MemcachedHandler implements Handler {
  readonly sockets: ManagedSocket[] = [];
  readonly resets: Reset[] = [];
  /** Stored anew at the start of each life, before anything else: a server that was killed has lost them. */
  readonly #values: ReadonlyMap<string, string>;
  #socket: ManagedSocket | undefined;
  #requests: Request[] = [];
  #partialLine = '';

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  get outstanding(): number {
    return this.#requests.length;
  }

  async onConnect(socket: ManagedSocket): Promise<void> {
    this.sockets.push(socket);
    this.#socket = socket;
    await Promise.all([...this.#values].map(([key, value]) => this.set(key, value)));
  }

  onReconnect(socket: ManagedSocket): Promise<void> {
    return this.onConnect(socket);
  }

  onReset(reset: Reset): void {
    this.resets.push(reset);
    this.#socket = undefined;
    this.#partialLine = '';
    const lost = this.#requests;
    this.#requests = [];
    for (const request of lost) request.lose(new LostError(reset));
  }

  onData(chunk: Buffer): void {
    const lines = (this.#partialLine + chunk.toString('latin1')).split('\r\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) if (this.#requests[0]?.take(line) !== false) this.#requests.shift();
  }

  set(key: string, value: string): Promise<void> {
    return this.#request(`set ${key} 0 0 ${value.length}\r\n${value}\r\n`, ([line]) =>
      line === 'STORED' ? { result: undefined } : undefined,
    );
  }

  /** The value, or nothing where the server has none. */
  get(key: string): Promise<string | undefined> {
    return this.#request(`get ${key}\r\n`, (lines) => {
      if (lines.at(-1) !== 'END') return undefined;
      return { result: lines[0]?.startsWith(`VALUE ${key} `) ? lines[1] : undefined };
    });
  }

  #request<T>(text: string, parse: (lines: string[]) => { result: T } | undefined): Promise<T> {
    const socket = this.#socket;
    if (!socket) return Promise.reject(new LostError());
    return new Promise((resolve, reject) => {
      const lines: string[] = [];
      const take = (line: string): boolean => {
        lines.push(line);
        const parsed = parse(lines);
        if (parsed) resolve(parsed.result);
        return parsed !== undefined;
      };
      this.#requests.push({ take, lose: reject });
      socket.write(text, 'latin1');
    });
  }
}
