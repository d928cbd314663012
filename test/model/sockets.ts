import type { ManagedSocket } from '../../src/index.js';
import { forbiddenErrors } from './forbidden-errors.js';
import type { Program } from './program.js';
import { SocketWatch } from './socket-watch.js';
import type { Tally } from './tally.js';

type Expect = (holds: boolean, what: () => string) => void;

/** The sockets of one connection: one that is dialled with again and again, or over TLS one for each dial. */
export class Sockets {
  readonly #program: Program;
  readonly #tally: Tally;
  readonly #expect: Expect;
  #present: SocketWatch | undefined;
  /** Over TLS: how many listeners the socket of the first life had when that life began. */
  #listenersOfLife: Readonly<Record<string, number>> | undefined;
  #dials = 0;
  /** How often they have closed. */
  closes = 0;

  constructor(program: Program, tally: Tally, expect: Expect) {
    this.#program = program;
    this.#tally = tally;
    this.#expect = expect;
  }

  get #isSecure(): boolean {
    return this.#program.setup.transport.isSecure;
  }

  /** Counts what the present socket emits. */
  watch(): void {
    const { socket } = this.#program;
    if (this.#present?.socket === socket) return;
    const isDialled = !this.#isSecure || this.#dials > 0;
    this.#present = new SocketWatch(socket, isDialled, this);
  }

  /** The program has removed every listener it can, ours among them. */
  listenersRemoved(): void {
    this.watch();
    this.#present?.listenersRemoved();
  }

  /** A dial is about to begin. */
  dialBegins(): void {
    this.#expect(this.closes === this.#dials, () => `dial ${this.#dials + 1} before the last 'close'`);
    this.#dials += 1;
    // Over TLS its socket is there before any other tick.
    process.nextTick(() => this.watch());
  }

  socketClosed(watch: SocketWatch): void {
    if (watch.isDialled) this.closes += 1;
  }

  socketErred(watch: SocketWatch, error: NodeJS.ErrnoException): void {
    const { code, message } = error;
    this.#program.findings.note(`'error' ${code ?? message}`);
    this.#tally.count(`'error' ${code ?? 'of the program'}`);
    // Node.js emits what is wrong with the TLS of a socket even where that is destroyed.
    const isOfTls = this.#isSecure && code?.startsWith('ERR_SSL_') === true;
    this.#expect(watch.errors === 1 || isOfTls, () => `a second 'error' before 'close': ${message}`);
    const { dials } = this.#program.connection.stats();
    const isUnderWay = watch === this.#present && watch.isDialled && dials === this.closes + 1;
    this.#expect(isUnderWay, () => `'error' with no dial under way: ${message}`);
    this.#expect(!forbiddenErrors.has(code ?? ''), () => `'error' ${code}: ${message}`);
  }

  /** Each life has its own socket over TLS, and all have the same one otherwise. */
  lifeBegins(socket: ManagedSocket): void {
    const { lives } = this.#program;
    const isKnown = lives.some((life) => life.socket === socket);
    const mustBeKnown = lives.length > 0 && !this.#isSecure;
    this.#expect(isKnown === mustBeKnown, () => `a socket that is ${isKnown ? 'old' : 'new'}`);
    this.#expect(socket === this.#present?.socket, () => 'a socket that was not dialled with');
    this.#checkListeners(['connectionAttempt']);
  }

  /** The last one is closed for good. */
  checkEnd(): void {
    // What is left on a socket over TLS goes with it.
    if (!this.#isSecure) this.#checkListeners([]);
  }

  #checkListeners(allowed: readonly string[]): void {
    for (const excess of this.#excessListeners(allowed)) this.#expect(false, () => excess);
  }

  #excessListeners(allowed: readonly string[]): string[] {
    const { lives, setup } = this.#program;
    const socket = this.#present as SocketWatch;
    if (this.#isSecure) {
      // What Node.js listens to while it dials is its own affair: the lives are compared.
      this.#listenersOfLife ??= socket.listeners;
      return this.#listenersOfLife ? socket.differences(this.#listenersOfLife, allowed) : [];
    }
    const { reading } = setup;
    const isReading = (reading === 'data' || reading === 'readable') && lives.length > 0;
    return socket.excess(isReading ? [...allowed, reading] : allowed);
  }
}
