import { check, isObject } from '../primitives/checks.js';
import { exposition, families, Scrape, type Family, type Sample } from './families.js';
import { Histograms } from './histograms.js';
import { Places } from './places.js';
import { readMetrics, sourceOf, type Measured, type MetricsOptions } from './source.js';

/**
 * A registry of `prom-client`, as far as it is needed.
 *
 * @example
 * ```ts
 * import { register } from 'prom-client';
 * import type { PrometheusRegistry } from 'connman/metrics';
 *
 * export const registry: PrometheusRegistry = register;
 * ```
 */
export interface PrometheusRegistry {
  /** Lists a metric. */
  registerMetric(metric: object): void;
  /** Takes a metric out of the list. */
  removeSingleMetric(name: string): void;
}

/**
 * What `prometheus()` returns: the text of each scrape, and the end of the measurements.
 *
 * @example
 * ```ts
 * import { defaultManager } from 'connman';
 * import { prometheus, type PrometheusExporter } from 'connman/metrics';
 *
 * const exporter: PrometheusExporter = prometheus(defaultManager);
 * console.log(exporter.metrics());
 * exporter.stop();
 * ```
 */
export interface PrometheusExporter {
  /** The value for the header `Content-Type`. */
  readonly contentType: string;
  /** All metrics at this moment, in the text format of Prometheus. With a registry, its `metrics()` has them as well. */
  metrics(): string;
  /** Measures no more, and takes the metrics out of the registry. */
  stop(): void;
  /** `using`: stops. */
  [Symbol.dispose](): void;
}

const registryCheck = check(
  'a registry of prom-client',
  (value) => isObject(value) && 'registerMetric' in value && 'removeSingleMetric' in value,
);

/**
 * The metrics of a manager, with its pools and its lone connections, or of pools, for Prometheus: as text, and in a registry of
 * `prom-client` if you give one. Counters are read when they are scraped. How long leases are waited for and held, and how long
 * connections take to be ready, is measured from this call until `stop()`.
 * @throws `OptionError` for a wrong argument or option.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { defaultManager } from 'connman';
 * import { prometheus } from 'connman/metrics';
 *
 * const exporter = prometheus(defaultManager);
 * createServer((_, response) => {
 *   response.setHeader('Content-Type', exporter.contentType).end(exporter.metrics());
 * }).listen(9464, '127.0.0.1');
 * ```
 */
export function prometheus(
  source: Measured,
  registry?: PrometheusRegistry,
  options: MetricsOptions = {},
): PrometheusExporter {
  const { endpoints } = readMetrics(options);
  const from = sourceOf(source);
  if (registry !== undefined) registryCheck('registry', registry);
  const histograms = new Histograms();
  const all = families(histograms, endpoints > 0);
  const places = new Places(endpoints);
  const scrape = (): Scrape => {
    const found = new Scrape(from, places);
    histograms.retain(new Set(found.owners.map(({ pool }) => pool)));
    return found;
  };
  const registered = registry ? register(all, registry, scrape) : () => undefined;
  const stopTiming = from.time((what, pool, seconds) => histograms.record(what, pool, seconds));
  const stop = (): void => {
    stopTiming();
    registered();
  };
  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    metrics: () => exposition(all, scrape()),
    stop,
    [Symbol.dispose]: stop,
  };
}

/** Lists the metrics in a registry. Returns what takes them out. If one is there already, none is added. */
function register(all: readonly Family[], registry: PrometheusRegistry, scrape: () => Scrape): () => void {
  const taken = onceForAll(scrape);
  const registered: string[] = [];
  const takeOut = (): void => {
    for (const name of registered) registry.removeSingleMetric(name);
  };
  try {
    for (const each of all) {
      registry.registerMetric(new RegisteredMetric(each, taken));
      registered.push(each.name);
    }
  } catch (error) {
    takeOut();
    throw error;
  }
  return takeOut;
}

/** A metric in the form in which a registry of `prom-client` asks for its values. */
class RegisteredMetric {
  /** A registry for OpenMetrics changes it. */
  name: string;
  readonly help: string;
  readonly type: Family['type'];
  readonly labelNames: readonly string[];
  readonly aggregator: string = 'sum';
  readonly #family: Family;
  readonly #scrape: () => Scrape;

  constructor(family: Family, scrape: () => Scrape) {
    this.name = family.name;
    this.help = family.help;
    this.type = family.type;
    this.labelNames = family.labelNames;
    this.#family = family;
    this.#scrape = scrape;
  }

  /** No promise: a registry before 13 does not wait for it. */
  get(): { name: string; help: string; type: string; values: Sample[]; aggregator: string } {
    const { name, help, type, aggregator } = this;
    return { name, help, type, values: this.#family.samples(this.#scrape()), aggregator };
  }

  /** Its values are connman's own, and cannot be taken back. */
  reset(): void {}
}

/** Takes a snapshot once for each scrape: a registry asks all metrics in one turn. */
function onceForAll(take: () => Scrape): () => Scrape {
  let taken: Scrape | undefined;
  return () => {
    if (!taken) queueMicrotask(() => (taken = undefined));
    return (taken ??= take());
  };
}
