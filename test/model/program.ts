import { createConnection, internals } from '../../src/connection/create-connection.js';
import { resolveOptions } from '../../src/connection/options/options.js';
import { Shared } from '../../src/connection/shared.js';
import { constant, type Connection, type ConnectionState, type ManagedSocket } from '../../src/index.js';
import type { Findings } from './findings.js';
import { Ledger } from './ledger.js';
import { Life } from './life.js';
import type { CallbackName } from './order.js';
import { listen, modelHandler, type Reading } from './reading.js';
import { Stage, type Action, type Outcome, type Scene } from './stage.js';
import type { Tally } from './tally.js';
import type { Site, Transport } from './transport.js';
import { Witness } from './witness.js';

/** How a program uses its connection. */
export interface Setup {
  readonly transport: Transport;
  readonly reading: Reading;
  readonly allowHalfOpen: boolean;
  readonly maxAttempts: number | undefined;
  readonly connectTimeout: number;
  readonly highWaterMark: number | undefined;
  readonly autoCork: boolean;
  /** Of a program that reads by itself. */
  readonly encoding: BufferEncoding | undefined;
  /** How the server drops the last connections of a run. */
  readonly lastDrop: 'end' | 'reset';
}

/** The handshakes that never end are ended after so many milliseconds. */
const handshakeTimeout = 3;

/** A program with one connection, and with a witness for each thing it is promised. */
export class Program {
  readonly number: number;
  readonly setup: Setup;
  readonly findings: Findings;
  readonly ledger: Ledger;
  readonly stage = new Stage();
  readonly witness: Witness;
  readonly connection: Connection;
  readonly lives: Life[] = [];
  /** Whether it has paused its socket while no life was going on. */
  pausesFirstLife = false;
  readonly #abort = new AbortController();
  readonly #tally: Tally;
  /** Settles the promise of an earlier life's handshake. */
  #late: (() => void) | undefined;
  #writes = 0;
  #performed: string | undefined;

  constructor(number: number, site: Site, setup: Setup, findings: Findings, tally: Tally) {
    this.number = number;
    this.setup = setup;
    this.findings = findings;
    this.#tally = tally;
    this.ledger = new Ledger(findings);
    this.witness = new Witness(this, tally);
    const options = resolveOptions({
      ...site.options,
      backoff: constant(0),
      handshakeTimeout,
      signal: this.#abort.signal,
      allowHalfOpen: setup.allowHalfOpen,
      maxAttempts: setup.maxAttempts,
      connectTimeout: setup.connectTimeout,
      highWaterMark: setup.highWaterMark,
      autoCork: setup.autoCork,
      reuseReadBuffer: setup.reading === 'shared',
    });
    this.connection = createConnection([site.server.endpoint], modelHandler(this), options, {
      shared: new Shared(),
      changing: (connection: { state: ConnectionState }, from: ConnectionState) =>
        this.witness.stateChanged(from, connection.state),
      changed: () => undefined,
      // What never says that nothing is under way is not waited for, for long.
      drain: 5,
    });
    this.witness.sockets.watch();
    internals(this.connection).start();
  }

  get socket(): ManagedSocket {
    return this.connection.socket;
  }

  get life(): Life | undefined {
    return this.lives.at(-1);
  }

  /** The socket of an earlier life, which over TLS is another one than the present. */
  get pastSocket(): ManagedSocket | undefined {
    return this.lives.findLast(({ socket }) => socket !== this.socket)?.socket;
  }

  /** Whether the link is surely down: a write must be refused. */
  get isDown(): boolean {
    return this.witness.phase !== 'up' || this.socket.destroyed;
  }

  /** Whether the connection has ended, or will. */
  get isLeaving(): boolean {
    const { state } = this.connection;
    return state === 'closing' || state === 'closed';
  }

  abort(): void {
    this.witness.leave('aborted');
    this.#abort.abort(new Error('aborted by the program'));
  }

  /** The text of the next write: it names the program, the life and the write, over and over. */
  payload(size: number): string {
    const life = this.isDown ? `down${this.lives.length}` : `${this.lives.length}`;
    const tag = `<p${this.number}.l${life}.w${++this.#writes}>`;
    return tag.repeat(Math.ceil(size / tag.length)).slice(0, size);
  }

  /** A life begins: called in `onConnect` and `onReconnect`, before anything else. */
  lifeBegins(): void {
    const life = new Life(this.number, this.lives.length + 1, this.socket);
    this.lives.push(life);
    this.ledger.lifeBegins(life.number);
    // What was asked for before the first life holds in it.
    if (life.number === 1) life.isPaused = this.pausesFirstLife;
    // A socket that is connected again keeps its encoding.
    if (life.number === 1 || this.setup.transport.isSecure) this.#setEncoding();
    this.#tally.count('lives');
    listen(this, life);
    const late = this.#late;
    this.#late = undefined;
    if (late) void turns(1).then(late);
  }

  #setEncoding(): void {
    const { reading, encoding } = this.setup;
    if (encoding && (reading === 'data' || reading === 'readable')) this.socket.setEncoding(encoding);
  }

  /** Does something; no callback may be called meanwhile, but for the input that the program reads by it. */
  perform(action: Action): void {
    const outer = this.#performed;
    this.#performed = action.label;
    action.act(this);
    this.#performed = outer;
  }

  /** Whether a callback may be called now. */
  mayCall(name: CallbackName): boolean {
    return this.#performed === undefined || (name === 'onData' && this.#performed === 'read()');
  }

  /** Does what was arranged for this call of a callback, and ends it as arranged. */
  play(at: CallbackName): void | Promise<void> {
    const scene = this.stage.next(at);
    if (!scene) return;
    this.#tally.count(`inside ${at}`);
    for (const action of scene.actions) {
      this.findings.note(`  inside ${at}: ${action.label}`);
      this.perform(action);
    }
    return this.#end(scene);
  }

  #end({ at, outcome }: Scene): void | Promise<void> {
    if (outcome === 'return') return;
    this.findings.note(`  inside ${at}: ${outcome}`);
    if (at === 'onConnect' || at === 'onReconnect') return this.#endHandshake(at, outcome);
    if (outcome === 'never') return new Promise(() => {});
    if (outcome === 'later' || outcome === 'late') return turns(3);
    const error = new Error(`${outcome} in ${at} of program ${this.number}`);
    this.witness.expectError(error, at);
    if (outcome !== 'throw') return Promise.reject(error);
    throw error;
  }

  #endHandshake(at: CallbackName, outcome: Outcome): Promise<void> {
    const { life } = this;
    if (!life) throw new Error('BUG: a handshake and no life');
    life.deeds.add('handshake');
    const error = new Error(`${outcome} in ${at} of program ${this.number}`);
    life.handshakeError = error;
    if (outcome === 'throw' || outcome === 'reject') {
      this.witness.expectError(error, at);
      if (outcome === 'reject') return Promise.reject(error);
      throw error;
    }
    life.isHandshaking = true;
    if (outcome === 'never') return new Promise(() => {});
    if (outcome === 'later') return turns(3).then(() => void (life.isHandshaking = false));
    this.stage.armFirst({ at: 'onReconnect', actions: [], outcome: 'never' });
    return new Promise((resolve, reject) => {
      this.#late = () => {
        if (outcome === 'late') resolve();
        else {
          this.witness.expectError(error, at);
          reject(error);
        }
      };
    });
  }
}

/** So many turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
