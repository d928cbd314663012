import { watch, type FSWatcher } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { check, positiveMilliseconds, readOptions, type Check } from '../primitives/checks.js';
import { DiscoveryError, withCause } from '../primitives/errors.js';
import { fileVersion } from '../primitives/file-version.js';
import { pause } from '../primitives/pause.js';
import {
  sourceOf,
  type DiscoveredEndpoint,
  type Discovery,
  type DiscoveryContext,
} from '../discovery/index.js';
import { parseJson } from './json.js';
import { readRegistered } from './registered.js';
import { within } from './within.js';

/** The options of {@link file}; an option that is `undefined` counts as absent. */
export interface FileOptions {
  /**
   * Milliseconds, at least 1: how often to look whether the file has changed, where the system does not tell.
   * @default 5 000
   */
  readonly interval?: number | undefined;
  /**
   * Milliseconds, at least 1: the limit for reading the file, which may be on a network.
   * @default 5 000
   */
  readonly timeout?: number | undefined;
}

const checks: Readonly<Record<keyof FileOptions, Check>> = {
  interval: positiveMilliseconds,
  timeout: positiveMilliseconds,
};
const defaults = { interval: 5_000, timeout: 5_000 };

const pathText = check(
  'the path of a file',
  (value) => typeof value === 'string' && value !== '' && !value.includes('\0'),
);

/** The largest file, in bytes. */
const largest = 4_194_304;

/** The least time between two looks, in milliseconds: other files of the folder may change all the time. */
const leastPause = 100;

/**
 * A source of the endpoints in a file: a JSON array of at most 10 000, each `"host:port"` or an object such as
 * `{ "host": "10.0.0.7", "port": 6379, "weight": 2 }`. It follows the file: whether it is written in place, replaced by
 * `rename()`, or a symbolic link to another one, as in a volume of Kubernetes. A `path`, or a `servername`, needs the option
 * `allowEndpoint` of the pool.
 *
 * An iteration throws a `DiscoveryError` if the file cannot be used at first: it is not there, has more than 4 MiB, or is no
 * such list. Later a pool keeps the last list, tells of the error by `connman:pool:discovery-failed`, and the source waits for
 * the next change. No error repeats what the file says. Waiting does not keep your application alive.
 *
 * @throws OptionError for a wrong path or option.
 *
 * @example
 * ```ts
 * import { createPool, type Handler, type Pool } from 'connman';
 * import { file } from 'connman/discovery';
 *
 * export function openPool(factory: () => Handler): Pool {
 *   return createPool('cache', factory, { discovery: file('/etc/app/caches.json') });
 * }
 * ```
 */
export function file(path: string, options: FileOptions = {}): Discovery {
  pathText('path', path);
  const { interval = defaults.interval, timeout = defaults.timeout } = readOptions<FileOptions>(
    'options',
    options,
    checks,
  );
  const absolute = resolve(path);
  return sourceOf((context) => new FollowedFile(absolute, { interval, timeout }, context).snapshots());
}

/** One iteration. */
class FollowedFile {
  readonly #path: string;
  readonly #settings: typeof defaults;
  readonly #context: DiscoveryContext;
  /** What the file was when it was read. */
  #version: string | undefined;
  /** The last list, as text. */
  #given = '';

  constructor(path: string, settings: typeof defaults, context: DiscoveryContext) {
    this.#path = path;
    this.#settings = settings;
    this.#context = context;
  }

  async *snapshots(): AsyncGenerator<readonly DiscoveredEndpoint[], void, undefined> {
    const { signal, wait } = this.#context;
    const watcher = this.#watch();
    try {
      while (!signal.aborted) {
        const snapshot = await this.#look();
        if (snapshot) yield snapshot;
        await pause(leastPause, signal);
        await wait(this.#settings.interval, 0);
      }
    } finally {
      watcher?.close();
    }
  }

  /** Watches the folder, and not the file, which is another one when it has been replaced. */
  #watch(): FSWatcher | undefined {
    const { wake, fail } = this.#context;
    try {
      const watcher = watch(dirname(this.#path), { persistent: false }, wake);
      // What has changed is then seen at the next interval.
      return watcher.on('error', (error) => (watcher.close(), fail(this.#failure(error))));
    } catch (error) {
      fail(this.#failure(error));
      return undefined;
    }
  }

  /** The list, if it is not the one before. Only the first failure is thrown. */
  async #look(): Promise<readonly DiscoveredEndpoint[] | undefined> {
    const { signal, fail } = this.#context;
    try {
      // What is being written is not whole: then once more.
      return await this.#read().catch(async () => (await pause(leastPause, signal), this.#read()));
    } catch (error) {
      const failure = this.#failure(error);
      if (this.#given === '') throw failure;
      fail(failure);
      return undefined;
    }
  }

  async #read(): Promise<readonly DiscoveredEndpoint[] | undefined> {
    const { signal, confirm } = this.#context;
    const { timeout } = this.#settings;
    const version = await within(timeout, signal, () => versionOf(this.#path));
    if (version !== this.#version) {
      this.#version = undefined;
      const text = await within(timeout, signal, (ending) => readFile(this.#path, { signal: ending }));
      const snapshot = readRegistered(parseJson(text.toString(), 'it is no JSON'));
      this.#version = version;
      const given = JSON.stringify(snapshot);
      if (given !== this.#given) {
        this.#given = given;
        return snapshot;
      }
    }
    confirm();
    return undefined;
  }

  #failure(cause: unknown): DiscoveryError {
    return new DiscoveryError(withCause(`${this.#path} cannot be followed`, cause), this.#path, { cause });
  }
}

async function versionOf(path: string): Promise<string> {
  const stats = await stat(path, { bigint: true });
  if (!stats.isFile()) throw new Error('it is no file');
  if (stats.size > largest) throw new Error(`it has more than ${largest} bytes`);
  return fileVersion(stats);
}
