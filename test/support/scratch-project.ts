import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `npm pack` says about a tarball. */
export interface Packed {
  readonly filename: string;
  /** Bytes of the tarball. */
  readonly size: number;
  /** Bytes of all files. */
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

export const repository: string = join(__dirname, '..', '..');

/** The path of a file inside a development dependency. */
export function tool(path: string): string {
  return join(repository, 'node_modules', path);
}

/** Runs a program; resolves with what it prints, rejects with that when it fails. */
export function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message}\n${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

function npm(args: readonly string[], cwd: string): Promise<string> {
  // Set by npm run; the only way on Windows, where npm is no program.
  const path = process.env['npm_execpath'];
  return path ? run(process.execPath, [path, ...args], cwd) : run('npm', args, cwd);
}

/** A project outside the repository that has connman installed from its tarball, without the help of a registry. */
export class ScratchProject {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'connman-package-'));
  /** Where connman is installed. */
  readonly connman: string = this.path('node_modules', 'connman');

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** Runs Node.js in the project; resolves with what it prints. */
  node(...args: string[]): Promise<string> {
    return run(process.execPath, args, this.folder);
  }

  /** Runs the text of a program; resolves with the JSON that it prints. */
  async evaluate(name: string, program: string): Promise<unknown> {
    this.write(name, program);
    return JSON.parse(await this.node(name));
  }

  /** Packs what was built last. */
  async pack(): Promise<Packed> {
    const args = ['pack', '--json', '--ignore-scripts', '--offline', '--pack-destination', this.folder];
    const [packed]: [Packed] = JSON.parse(await npm(args, repository));
    return { ...packed, filename: this.path(packed.filename) };
  }

  /** Installs packages of the registry; before connman, as npm removes what it does not know of. */
  async npmInstall(...packages: string[]): Promise<void> {
    await npm(
      ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', ...packages],
      this.folder,
    );
  }

  /** Does what `npm install` would do, with the repository's types of Node.js beside it, unless there are others. */
  async install({ filename }: Packed): Promise<void> {
    mkdirSync(this.connman, { recursive: true });
    await run('tar', ['-xzf', filename, '-C', 'node_modules/connman', '--strip-components=1'], this.folder);
    const types = this.path('node_modules', '@types');
    if (existsSync(types)) return;
    mkdirSync(types);
    symlinkSync(tool('@types/node'), join(types, 'node'), 'junction');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
