import { echo, type Fault, type FaultServer } from '../../src/testing/index.js';
import { Accepted } from './accepted.js';
import type { Findings } from './findings.js';
import { Program, turns, type Setup } from './program.js';
import type { Tally } from './tally.js';
import { Site } from './transport.js';

/** Says how the server treats connection number n. */
export type Treatment = (connection: number) => readonly Fault[];

/** Longer than any connection of a test would ever be. */
const keepBytes = 2 ** 28;

/** One server, and the programs that are or were connected to it, one after the other. */
export class World {
  readonly findings: Findings;
  readonly tally: Tally;
  readonly site: Site;
  readonly setup: Setup;
  readonly programs: Program[] = [];
  readonly accepted: Accepted[] = [];
  #treatment: Treatment = () => [echo()];
  #sends = 0;

  private constructor(site: Site, setup: Setup, findings: Findings, tally: Tally) {
    this.site = site;
    this.setup = setup;
    this.findings = findings;
    this.tally = tally;
    site.server.script = (number) => this.#welcome(number);
  }

  static async start(setup: Setup, findings: Findings, tally: Tally): Promise<World> {
    const world = new World(await Site.open(setup.transport, keepBytes), setup, findings, tally);
    world.connect();
    return world;
  }

  get server(): FaultServer {
    return this.site.server;
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
    this.programs.push(new Program(this.programs.length + 1, this.site, setup, findings, tally));
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

  /** The server sends so many bytes that are no TLS on every open connection that is secure. */
  garble(size: number): void {
    for (const accepted of this.accepted) accepted.garble(Buffer.alloc(size, accepted.connection.number));
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
    const accepted = new Accepted(connection, this.setup.transport.isSecure);
    this.accepted.push(accepted);
    return [accepted.keeping, ...this.#treatment(number)];
  }
}
