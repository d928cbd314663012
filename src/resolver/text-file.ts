import { readFileSync, statSync } from 'node:fs';

/**
 * What a small file of the system says. It is read again when it has changed. A file that cannot be read counts as empty.
 *
 * The file is read synchronously: a look-up must not wait for the thread pool, which may be what is held up.
 */
export class TextFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  #version: string | undefined;
  #contents: T | undefined;

  constructor(path: string, parse: (text: string) => T) {
    this.#path = path;
    this.#parse = parse;
  }

  get contents(): T {
    const version = versionOf(this.#path);
    if (version !== this.#version || this.#contents === undefined) {
      this.#contents = this.#parse(textOf(this.#path));
      this.#version = version;
    }
    return this.#contents;
  }
}

/** Changes when the file is written or replaced; the size tells of two changes within one step of the clock. */
function versionOf(path: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    return 'none';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
