import { readFileSync, statSync } from 'node:fs';
import { fileVersion } from '../primitives/file-version.js';

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

function versionOf(path: string): string {
  try {
    return fileVersion(statSync(path, { bigint: true }));
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
