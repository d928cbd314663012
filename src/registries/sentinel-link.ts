import {
  ConnectionManager,
  exponential,
  Requests,
  type Connection,
  type ConnectionOptions,
  type Endpoint,
  type Handler,
  type ManagedSocket,
} from '../index.js';
import { DiscoveryError, isError } from '../primitives/errors.js';
import { within } from './within.js';
import { encodeCommand, RespReader, type RespValue } from './resp.js';

/** What a Sentinel says of a server: the names and values of `SENTINEL MASTER`. */
export type SentinelFields = ReadonlyMap<string, string>;

/** What a Sentinel says of a primary and its replicas. */
export interface SentinelView {
  readonly primary: SentinelFields;
  readonly replicas: readonly SentinelFields[];
}

/** How to talk to the Sentinels of a primary. */
export interface SentinelSettings {
  readonly name: string;
  readonly sentinels: readonly Endpoint[];
  readonly timeout: number;
  readonly login: readonly string[];
  readonly tls: ConnectionOptions['tls'];
}

/** What a link tells of. */
interface SentinelListener {
  /** A Sentinel has an event of the primary, or is lost. */
  changed(): void;
  /** Throws where what a Sentinel says is not to be used: then the next one is asked. */
  judge(view: SentinelView): void;
}

/** A connection to one of the Sentinels, which asks it, and listens to its events between two questions. */
export class SentinelLink implements Handler {
  readonly #settings: SentinelSettings;
  readonly #listener: SentinelListener;
  readonly #manager: ConnectionManager = new ConnectionManager();
  readonly #requests: Requests<RespValue>;
  readonly #connection: Connection;
  #reader: RespReader = new RespReader();
  /** The answer to the first question of a life, until it is taken. */
  #first: SentinelView | undefined;

  constructor(settings: SentinelSettings, listener: SentinelListener) {
    const { sentinels, timeout, tls } = settings;
    this.#settings = settings;
    this.#listener = listener;
    this.#requests = new Requests({ timeout });
    this.#connection = this.#manager.connect(sentinels, this as Handler, {
      connectTimeout: timeout,
      handshakeTimeout: timeout,
      backoff: exponential({ initial: 100, max: 1_000 }),
      maxAttempts: 2 * sentinels.length,
      tls,
    });
  }

  /** The Sentinel that is connected. */
  get endpoint(): Endpoint {
    return this.#connection.endpoint;
  }

  /** Asks the Sentinel that is connected, or the next that can be. */
  async ask(signal: AbortSignal): Promise<SentinelView> {
    const { timeout, sentinels } = this.#settings;
    this.#connection.ref();
    try {
      return await within(timeout * sentinels.length, signal, (ending) => this.#askNext(ending));
    } finally {
      this.#connection.unref();
    }
  }

  async #askNext(signal: AbortSignal): Promise<SentinelView> {
    for (;;) {
      await this.#connection.ready({ signal });
      const view = this.#takeFirst() ?? (await this.#query().catch((error: unknown) => this.#refuse(error)));
      if (view) return view;
    }
  }

  async end(): Promise<void> {
    await this.#manager.disconnectAll({ grace: 0 });
  }

  async onConnect(_socket: ManagedSocket, connection: Connection): Promise<void> {
    this.#reader = new RespReader();
    this.#requests.attach(connection);
    const { login } = this.#settings;
    if (login.length > 0) await this.#send('AUTH', ...login);
    this.#first = await this.#query();
  }

  onReset(): void {
    this.#first = undefined;
    this.#listener.changed();
  }

  onData(chunk: Buffer): void {
    try {
      for (const value of this.#reader.read(chunk)) this.#hear(value);
    } catch (error) {
      if (!this.#requests.reject(error as Error)) this.#refuse(error);
    }
  }

  /** Events come between answers. While they do, RESP2 allows no questions. */
  #hear(value: RespValue): void {
    const [kind, , , text] = Array.isArray(value) ? (value as readonly RespValue[]) : [];
    if (kind === 'psubscribe' || kind === 'punsubscribe') return;
    if (kind !== 'pmessage') {
      if (value instanceof Error) this.#requests.reject(value);
      else this.#requests.resolve(value);
    } else if (String(text).split(' ').includes(this.#settings.name)) this.#listener.changed();
  }

  #takeFirst(): SentinelView | undefined {
    const first = this.#first;
    this.#first = undefined;
    return first;
  }

  #refuse(error: unknown): undefined {
    this.#connection.reset(isError(error) ? error : undefined);
  }

  async #query(): Promise<SentinelView> {
    const { name } = this.#settings;
    const { socket } = this.#connection;
    // All at once, so that nothing happens between the answers and the events.
    socket.cork();
    socket.write(encodeCommand('PUNSUBSCRIBE'));
    const answers = Promise.all([
      this.#send('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name),
      this.#send('SENTINEL', 'MASTER', name),
      this.#send('SENTINEL', 'REPLICAS', name),
    ]);
    socket.write(encodeCommand('PSUBSCRIBE', '*'));
    socket.uncork();
    const [address, primary, replicas] = await answers;
    if (!Array.isArray(replicas)) throw new DiscoveryError(`the Sentinel says nothing of ${name}`, name);
    const view = viewOf(address, fieldsOf(primary), (replicas as RespValue[]).map(fieldsOf));
    this.#listener.judge(view);
    return view;
  }

  async #send(...words: readonly string[]): Promise<RespValue> {
    return this.#requests.send(encodeCommand(...words));
  }
}

/**
 * In a fail-over, the Sentinel that leads it names the new primary by its address at once. It lists it among the replicas of the
 * old one until all of these follow it, which may take seconds.
 */
function viewOf(address: RespValue, old: SentinelFields, replicas: readonly SentinelFields[]): SentinelView {
  const [ip = old.get('ip'), port = old.get('port')] = Array.isArray(address) ? address.map(String) : [];
  const primary = new Map([...old, ['ip', ip ?? ''], ['port', port ?? '']]);
  return {
    primary,
    replicas: replicas.filter((each) => each.get('ip') !== ip || each.get('port') !== port),
  };
}

function fieldsOf(value: RespValue): SentinelFields {
  const words = Array.isArray(value) ? value.map(String) : [];
  return new Map(
    words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? ''] as const] : [])),
  );
}
