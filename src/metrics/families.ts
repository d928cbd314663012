import type { Histograms } from './histograms.js';
import type { Places } from './places.js';
import type { Owner, Source } from './source.js';
import {
  buckets,
  endpointMetrics,
  labelled,
  ownerMetrics,
  timings,
  type Labelled,
  type Metric,
  type Timing,
} from './table.js';

/** The labels of a sample, by name. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample extends Labelled<Labels> {
  /** Unlike that of the metric, for a part of a histogram. */
  readonly metricName?: string;
}

/** A metric as Prometheus sees it. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labelNames: readonly string[];
  samples(scrape: Scrape): Sample[];
}

/** All that is known at one moment. */
export class Scrape {
  readonly owners: readonly Owner[];
  readonly #places: Places;
  readonly #placesOf: Map<Owner, ReturnType<Places['of']>> = new Map();

  constructor(source: Source, places: Places) {
    this.owners = source.snapshot();
    this.#places = places;
  }

  placesOf(owner: Owner): ReturnType<Places['of']> {
    let places = this.#placesOf.get(owner);
    if (!places) this.#placesOf.set(owner, (places = this.#places.of(owner)));
    return places;
  }
}

/** All metrics, in the order in which they are listed. */
export function families(histograms: Histograms, withEndpoints: boolean): readonly Family[] {
  return [
    ...ownerMetrics.map((metric) =>
      family(metric, [], (scrape) =>
        scrape.owners.flatMap(({ pool, stats }) => labelled(metric, 0, { pool }, metric.read(stats))),
      ),
    ),
    ...(Object.keys(timings) as Timing[]).map((what) => timed(what, histograms)),
    ...(withEndpoints ? endpointMetrics : []).map((metric) =>
      family(metric, ['endpoint'], (scrape) =>
        scrape.owners.flatMap((owner) =>
          scrape
            .placesOf(owner)
            .flatMap(({ label: endpoint, values }) =>
              labelled(metric, 0, { pool: owner.pool, endpoint }, values(metric)),
            ),
        ),
      ),
    ),
  ];
}

function family<Stats>(
  { name, help, type, kinds }: Metric<Stats>,
  labels: readonly string[],
  take: (scrape: Scrape) => Sample[],
): Family {
  const kind = kinds ? [kinds[0]] : [];
  return { name: `connman_${name}`, help, type, labelNames: ['pool', ...labels, ...kind], samples: take };
}

function timed(what: Timing, histograms: Histograms): Family {
  const { help } = timings[what];
  const name = `connman_${timings[what].name}`;
  const take = ({ owners }: Scrape): Sample[] =>
    owners.flatMap(({ pool }) => {
      // Lone connections are not lent.
      if (pool === '' && what !== 'connect') return [];
      const { counts, count, sum } = histograms.of(what, pool);
      let upTo = 0;
      const bounds = buckets.map((bound, index) => {
        upTo += counts[index] as number;
        return { metricName: `${name}_bucket`, labels: { pool, le: String(bound) }, value: upTo };
      });
      return [
        ...bounds,
        { metricName: `${name}_bucket`, labels: { pool, le: '+Inf' }, value: count },
        { metricName: `${name}_sum`, labels: { pool }, value: sum },
        { metricName: `${name}_count`, labels: { pool }, value: count },
      ];
    });
  return { name, help, type: 'histogram', labelNames: ['pool'], samples: take };
}

/** The text that Prometheus reads, in version 0.0.4 of the format. */
export function exposition(all: readonly Family[], scrape: Scrape): string {
  return all.map((each) => familyText(each, each.samples(scrape))).join('');
}

function familyText({ name, help, type }: Family, values: readonly Sample[]): string {
  if (values.length === 0) return '';
  const lines = values.map(({ metricName = name, labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${metricName}{${pairs.join()}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escaped(text: string): string {
  // Three replacements of each label are a fifth of the time that a scrape takes, and almost no label needs any.
  if (!/[\\\n"]/.test(text)) return text;
  return text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('"', String.raw`\"`);
}
