import { ScratchProject, type Packed } from '../support/scratch-project.js';

/** The versions with which what is packed compiles: of TypeScript, and of the types of Node.js. */
export const versions = {
  typescript: ['5.0.4', '5.4.5', '5.9.3', '6.0.3', '7.0.2'],
  node: ['20.19.43', '22.20.5', '24.19.2', '26.6.6'],
} as const;

const program = `
import { connect, ConnmanError, createPool, OptionError, staticEndpoints, twoChoices } from 'connman';
import type { Connection, ConnectionOptions, Handler, ManagedSocket, Reset } from 'connman';
import { dnsServices, type DnsServicesOptions } from 'connman/discovery';
import { startFaultServer, type FaultServer } from 'connman/testing';

class Lines implements Handler {
  lost = 0;
  onConnect(socket: ManagedSocket): void { socket.write('hello\\n'); }
  onReset(reset: Reset): void { this.lost += reset.unsentBytes; }
  async onReconnect(socket: ManagedSocket): Promise<void> { this.onConnect(socket); }
}

type Exactly<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
const options: DnsServicesOptions = { allowTarget: (target) => target.endsWith('.test') };
const discovery = dnsServices('_lines._tcp.a.test', options);
const pool = createPool('lines', () => new Lines(), { discovery, pick: twoChoices(({ handler }) => handler.lost) });
const handler = pool.getHandler(3);
export const isLines: Exactly<typeof handler, Lines> = true;
export const connection: Connection<Lines> = connect(7000, 'localhost', new Lines(), { connectTimeout: 1_000 });
const common: ConnectionOptions = { heartbeat: { interval: 5_000, ping: (socket) => void socket.write('?') } };
export const usual = connect(7000, 'localhost', new Lines(), common);
export const isUsual: Exactly<typeof usual, Connection<Lines>> = true;
const ping = (socket: ManagedSocket, { handler }: Connection<Lines>): void => handler.onConnect(socket);
export const beating = connect(7000, 'localhost', new Lines(), {
  heartbeat: { interval: 5_000, ping: (socket, { handler }) => handler.onConnect(socket) },
});
export const isBeating: Exactly<typeof beating, Connection<Lines>> = true;
createPool('beating', () => new Lines(), { heartbeat: { interval: 5_000, ping } });
export const server: Promise<FaultServer> = startFaultServer();
export const error: ConnmanError = new ConnmanError('CONNMAN_DIAL', 'no answer');
export const typeError: TypeError = new OptionError('port', 'a number', 'x');
export const fixed = createPool('fixed', () => new Lines(), { discovery: staticEndpoints([{ host: 'a', port: 1 }]) });
// @ts-expect-error: a handler lacks onConnect
connect(7000, 'localhost', { onReset() {} });
// @ts-expect-error: there is no such option
connect(7000, 'localhost', new Lines(), { retries: 3 });
`;

// Of TypeScript 5.2.
const disposing = `
import { createPool } from 'connman';
export async function main(): Promise<void> {
  await using pool = createPool('lines', () => ({ onConnect() {}, onReset() {}, onReconnect() {} }));
  await pool.ready(1);
}
`;

const strictest = {
  target: 'es2022',
  lib: ['es2022'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};

/** Whether a version is below that minor one of TypeScript. */
function isBelow(version: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

/** How modules are found: as Node.js finds them, as bundlers do, and as it was before there were `exports`. */
function resolutions(typescript: string): Record<string, object> {
  const files = isBelow(typescript, 5, 2) ? [] : ['disposing.mts'];
  return {
    nodenext: { module: 'nodenext', files: ['program.cts', 'program.mts', ...files] },
    bundler: { module: 'esnext', moduleResolution: 'bundler', files: ['program.ts'] },
    ...(isBelow(typescript, 6, 0) && {
      node10: { module: 'commonjs', moduleResolution: 'node', files: ['program.ts'] },
    }),
  };
}

/** A project with connman and a version of the types of Node.js. */
export class TypedProject {
  readonly #project = new ScratchProject();

  /** Without a version, the types are those of the repository. */
  async install(packed: Packed, node?: string): Promise<void> {
    if (node !== undefined) await this.#project.npmInstall(`@types/node@${node}`);
    await this.#project.install(packed);
    for (const name of ['program.ts', 'program.cts', 'program.mts']) this.#project.write(name, program);
    this.#project.write('disposing.mts', disposing);
    this.#project.write('nothing.ts', '');
  }

  /** Whether TypeScript compiles the types of Node.js by themselves. */
  async compilesNode(tsc: string): Promise<boolean> {
    return (await this.#complaints(tsc, { module: 'nodenext', files: ['nothing.ts'] })) === '';
  }

  /**
   * What TypeScript has against a program that uses connman: nothing, or its messages, for each of these ways to find modules.
   * Without ways, for all that it knows.
   */
  async complaints(typescript: string, tsc: string, ways?: readonly string[]): Promise<object> {
    const found: Record<string, string> = {};
    for (const [name, settings] of Object.entries(resolutions(typescript))) {
      if (!ways || ways.includes(name)) found[name] = await this.#complaints(tsc, settings);
    }
    return found;
  }

  async #complaints(tsc: string, settings: object): Promise<string> {
    const { files, ...options } = { files: [], ...settings };
    this.#project.write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions: { ...strictest, ...options }, files }),
    );
    return this.#project.node(tsc, '-p', 'tsconfig.json').catch((error: Error) => error.message);
  }

  remove(): void {
    this.#project.remove();
  }
}

/** Versions of TypeScript, side by side. */
export class Compilers {
  readonly #project = new ScratchProject();

  async install(wanted: readonly string[]): Promise<void> {
    await this.#project.npmInstall(
      ...wanted.map((version) => `typescript-${version}@npm:typescript@${version}`),
    );
  }

  /** The path of the compiler of that version. */
  tsc(version: string): string {
    return this.#project.path('node_modules', `typescript-${version}`, 'bin', 'tsc');
  }

  remove(): void {
    this.#project.remove();
  }
}
