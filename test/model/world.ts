import { echo, startFaultServer, type Fault, type FaultServer } from '../../src/testing/index.js';
import type { ServerConnection } from '../../src/testing/index.js';
import type { Findings } from './findings.js';
import { Program, turns, type Setup } from './program.js';
import type { Tally } from './tally.js';

/** Says how the server treats connection number n. */
export type Treatment = (connection: number) => readonly Fault[];

/** What the server knows of one connection besides what it received. */
export interface Accepted {
  readonly connection: ServerConnection;
  /** The port of the peer; not known of one that was gone already. */
  readonly port: number | undefined;
  readonly sent: Buffer[];
}

/** Longer than any connection of a test would ever be. */
const keepBytes = 2 ** 28;

/** One server, and the programs that are or were connected to it, one after the other. */
export class World {
  readonly findings: Findings;
  readonly tally: Tally;
  readonly server: FaultServer;
  readonly setup: Setup;
  readonly programs: Program[] = [];
  readonly accepted: Accepted[] = [];
  #treatment: Treatment = () => [echo()];
  #sends = 0;

  private constructor(server: FaultServer, setup: Setup, findings: Findings, tally: Tally) {
    this.server = server;
    this.setup = setup;
    this.findings = findings;
    this.tally = tally;
    server.script = (number) => this.#welcome(number);
  }

  static async start(setup: Setup, findings: Findings, tally: Tally): Promise<World> {
    const world = new World(await startFaultServer({ keepBytes }), setup, findings, tally);
    world.connect();
    return world;
  }

  /** The program that is connected now. */
  get program(): Program {
    const program = this.programs.at(-1);
    if (!program) throw new Error('BUG: no program');
    return program;
  }

  /** How the connections to come are treated. */
  treat(treatment: Treatment): void {
    this.#treatment = treatment;
  }

  /** A new program takes over. */
  connect(): void {
    const { setup, findings, tally } = this;
    this.programs.push(new Program(this.programs.length + 1, this.server.port, setup, findings, tally));
  }

  /** The server sends so many bytes on every open connection. */
  send(size: number): void {
    for (const { connection } of this.accepted) {
      if (!connection.open || !connection.socket.writable) continue;
      const tag = `<s${connection.number}.${++this.#sends} é€😀>`;
      // Cut anywhere, be it inside a character.
      connection.write(Buffer.from(tag.repeat(Math.ceil(size / tag.length))).subarray(0, size));
    }
  }

  /** What holds after every step. */
  check(): void {
    let dials = 0;
    for (const program of this.programs) {
      program.witness.check();
      dials += program.connection.stats().dials;
    }
    const { accepted } = this.server;
    this.findings.expect(accepted <= dials, () => `${accepted} connections accepted of ${dials} dials`);
  }

  /** Turns of the event loop until the condition holds, but no more than `limit`. */
  async until(condition: () => boolean, limit: number): Promise<boolean> {
    for (let turn = 0; turn < limit && !condition(); turn++) await turns(1);
    return condition();
  }

  #welcome(number: number): readonly Fault[] {
    const connection = this.server.connections[number - 1];
    if (!connection) throw new Error('BUG: no such connection');
    const sent: Buffer[] = [];
    const { socket } = connection;
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (data: string | Uint8Array, ...rest: unknown[]) => {
      sent.push(Buffer.from(data as Uint8Array));
      return write(data, ...rest);
    };
    this.accepted.push({ connection, port: socket.remotePort, sent });
    return this.#treatment(number);
  }
}
