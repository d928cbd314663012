import {
  mergeOptions,
  resolveOptions,
  type ConnectionOptions,
  type ResolvedOptions,
} from '../../connection/index.js';

/** The options that a pool gives to its connections. */
export class MemberOptions {
  readonly defaults: ResolvedOptions;
  readonly #given: ConnectionOptions;

  constructor(given: ConnectionOptions) {
    this.#given = given;
    this.defaults = resolveOptions(given);
  }

  /** The options of one connection. Each given override replaces the pool's option. */
  overriddenBy(overrides: unknown): ResolvedOptions {
    if (overrides === undefined) return this.defaults;
    return resolveOptions(mergeOptions(this.#given, overrides as ConnectionOptions));
  }
}
