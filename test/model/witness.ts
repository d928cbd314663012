import {
  HandshakeError,
  TimeoutError,
  type CloseReason,
  type ConnectionState,
  type DialFailure,
  type ManagedSocket,
  type Reset,
} from '../../src/index.js';
import type { Life } from './life.js';
import { isStep, nextPhase, statesAt, type CallbackName, type Phase } from './order.js';
import type { Program } from './program.js';
import { Sockets } from './sockets.js';
import type { Tally } from './tally.js';

/** Hears all that a connection tells its program, and compares it with what was promised. */
export class Witness {
  readonly #program: Program;
  readonly #tally: Tally;
  readonly #expectedErrors: Map<unknown, string> = new Map();
  readonly #leaving: Set<CloseReason['code']> = new Set();
  readonly sockets: Sockets;
  #phase: Phase = 'unborn';
  #state: ConnectionState = 'waiting';
  #retries = 0;
  #failuresInRow = 0;
  /** How often the program has corked the closed socket: these corks hold in the next life. */
  #corks = 0;

  constructor(program: Program, tally: Tally) {
    this.#program = program;
    this.#tally = tally;
    this.sockets = new Sockets(program, tally, (holds, what) => this.#expect(holds, what));
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The program has asked for the end. */
  leave(code: CloseReason['code']): void {
    this.#leaving.add(code);
    if (this.#phase === 'up') this.#program.life?.deeds.add('disconnect');
  }

  /** One callback: is it in order? Then what it tells is looked at, and what was arranged for it is done. */
  called(name: CallbackName, look: () => void): void | Promise<void> {
    this.#program.findings.note(`${name} of program ${this.#program.number}`);
    this.#tally.count(name);
    const phase = nextPhase(this.#phase, name);
    this.#expect(phase !== undefined, () => `${name} while ${this.#phase}`);
    this.#phase = phase ?? this.#phase;
    this.#expect(this.#program.mayCall(name), () => `${name} inside a call of the program`);
    const { state } = this.#program.connection;
    this.#expect(statesAt[name].includes(state), () => `${name} in state ${state}`);
    this.#expect(state === this.#state, () => `state ${state} without a change from ${this.#state}`);
    look();
    return this.#program.play(name);
  }

  stateChanged(from: ConnectionState, to: ConnectionState): void {
    this.#program.findings.note(`${from} -> ${to} of program ${this.#program.number}`);
    this.#expect(from === this.#state, () => `a change from ${from} in ${this.#state}`);
    this.#expect(isStep(from, to), () => `${from} became ${to}`);
    this.#state = to;
    if (to === 'connecting') this.sockets.dialBegins();
    if (to === 'ready') this.#failuresInRow = 0;
    const isEarly = to === 'ready' && this.#program.life?.isHandshaking === true;
    this.#expect(!isEarly, () => 'ready before its handshake is done');
  }

  /** The program corks the socket: what it corks while the link is down stays corked. */
  corks(): void {
    // The link may be down some turns before onReset, while a handshake may still say why.
    if (this.#phase !== 'up' || this.#program.socket.destroyed) this.#corks += 1;
  }

  lifeBegins(socket: ManagedSocket): void {
    const { connection, lives } = this.#program;
    this.#expect(socket === connection.socket, () => 'another socket');
    this.sockets.lifeBegins(socket);
    this.#expect(connection.life === lives.length + 1, () => `life ${connection.life} after ${lives.length}`);
    const { writableCorked } = socket;
    this.#expect(writableCorked <= this.#corks, () => `corked ${writableCorked} times, by nobody`);
    this.#corks = 0;
    const mayPause =
      this.#program.setup.reading === 'readable' || (lives.length === 0 && this.#program.pausesFirstLife);
    this.#expect(mayPause || !socket.isPaused(), () => 'a life begins paused');
  }

  /** A life is to end as planned: told once, if somebody has asked for it. */
  retires(reason: Error | undefined): void {
    const { connection, findings, life } = this.#program;
    findings.note(`  ${reason?.message ?? ''}`);
    this.#expect(connection.stats().retiring, () => 'onRetire in a life that does not retire');
    if (!life) return;
    this.#expect(!life.isRetired, () => `a second onRetire of ${life.name}`);
    life.isRetired = true;
    const isAsked = life.deeds.has('retire') || life.deeds.has('disconnect');
    this.#expect(isAsked, () => `onRetire of ${life.name}, by nobody`);
  }

  lifeEnds(reset: Reset): void {
    const { findings, life } = this.#program;
    findings.note(`  ${reset.code} ${reset.error?.message ?? ''}`);
    this.#tally.count(`reset ${reset.code}`);
    if (!life) return;
    this.#expect(life.reset === undefined, () => `a second onReset of ${life.name}`);
    life.reset = reset;
    this.#expect(reset.life === life.number, () => `onReset of life ${reset.life} in ${life.name}`);
    if (reset.error instanceof HandshakeError) this.#checkHandshake(life, reset);
    if (reset.code === 'handshake') this.#failuresInRow += 1;
    const isLast = this.#state === 'closing';
    this.#expect(reset.willReconnect === !isLast, () => `willReconnect is ${reset.willReconnect}`);
    const because = {
      requested: 'reset',
      retired: 'retire',
      handshake: 'handshake',
      disconnect: 'disconnect',
    } as const;
    if (reset.code === 'local-end') {
      this.#expect(
        life.deeds.has('end') || life.deeds.has('destroy'),
        () => `local-end of ${life.name} by nobody`,
      );
    } else if (reset.code in because) {
      const deed = because[reset.code as keyof typeof because];
      this.#expect(life.deeds.has(deed), () => `${reset.code} of ${life.name}, by nobody`);
    }
  }

  #checkHandshake(life: Life, { error }: Reset): void {
    const cause = error?.cause;
    this.#expectedErrors.delete(cause);
    const isTimeout = cause instanceof TimeoutError && life.deeds.has('handshake');
    const isOwn = cause !== undefined && cause === life.handshakeError;
    this.#expect(
      isOwn || isTimeout,
      () => `the handshake of ${life.name} failed by another: ${String(cause)}`,
    );
  }

  dialFailed(failure: DialFailure): void {
    this.#corks = 0;
    this.#retries += 1;
    this.#failuresInRow += 1;
    const { attempts } = failure;
    this.#expect(attempts === this.#failuresInRow, () => `attempt ${attempts}, not ${this.#failuresInRow}`);
  }

  closed(reason: CloseReason): void {
    const { lives, setup } = this.#program;
    this.#tally.count(`closed ${reason.code}`);
    this.#expect(
      reason.lives === lives.length,
      () => `closed after ${reason.lives} lives of ${lives.length}`,
    );
    if (reason.code === 'gave-up') this.#expect(setup.maxAttempts !== undefined, () => 'gave up');
    else this.#expect(this.#leaving.has(reason.code), () => `closed (${reason.code}) by nobody`);
  }

  /** This will be thrown, and must be told once: to `onError`, or as the cause of a failed handshake. */
  expectError(error: Error, where: string): void {
    this.#expectedErrors.set(error, where);
  }

  errorReported(error: unknown, where: string): void {
    const expected = this.#expectedErrors.get(error);
    this.#expectedErrors.delete(error);
    const got = error instanceof Error ? error.message : String(error);
    this.#expect(expected === where, () => `onError(${got}) at ${where}, not at ${expected}`);
    if (this.#phase === 'closed') this.#tally.count(`onError of ${where} after onClose`);
  }

  /** What holds between any two events. */
  check(): void {
    const { connection, lives } = this.#program;
    const { dials, failedDials, life, retiring, state } = connection.stats();
    this.#expect(!retiring || state === 'ready' || state === 'closing', () => `retiring while ${state}`);
    const open =
      state === 'waiting' || state === 'closed'
        ? 0
        : state === 'closing' || state === 'handshaking'
          ? undefined
          : 1;
    const pending = dials - this.sockets.closes;
    this.#expect(
      open === undefined ? pending === 0 || pending === 1 : pending === open,
      () => `${dials} dials and ${this.sockets.closes} closes while ${state}`,
    );
    this.#expect(state === this.#state, () => `state ${state} without a change from ${this.#state}`);
    this.#expect(life === lives.length, () => `life ${life} of ${lives.length}`);
    const undecided = dials - failedDials - life;
    const mayBeUndecided = state === 'connecting' || state === 'closing' || state === 'closed';
    this.#expect(
      undecided === 0 || (undecided === 1 && mayBeUndecided),
      () => `${dials} dials, ${failedDials} failed, ${life} lives while ${state}`,
    );
    const gaveUp = state === 'closed' && failedDials === this.#retries + 1 ? 1 : 0;
    this.#expect(
      failedDials === this.#retries + gaveUp,
      () => `${failedDials} failures, ${this.#retries} told`,
    );
  }

  /** What holds once the connection is closed. */
  checkEnd(): void {
    const { socket, connection } = this.#program;
    this.check();
    this.#expect(this.#phase === 'closed', () => `${connection.state}, and no onClose`);
    for (const where of this.#expectedErrors.values())
      this.#expect(false, () => `an error of ${where} was lost`);
    socket.ref();
    this.sockets.checkEnd();
  }

  #expect(holds: boolean, what: () => string): void {
    this.#program.findings.expect(holds, () => `program ${this.#program.number}: ${what()}`);
  }
}
