import { formatTimeOfDay, timeOfDay } from '../../primitives/time.js';
import type { Output } from '../shell/output.js';
import { formatTable } from '../shell/table.js';
import { formatCount, formatDuration } from '../shell/text.js';
import type { Summary, WatchEvent } from './events.js';

/** Tells what happens, and in the end what was found. */
export interface Report {
  begin(endpoints: readonly string[]): void;
  add(endpoint: string, event: WatchEvent): void;
  end(summaries: readonly Summary[]): void;
}

/** An object a line. */
export class JsonReport implements Report {
  readonly #out: Output;

  constructor(out: Output) {
    this.#out = out;
  }

  begin(endpoints: readonly string[]): void {
    this.#line({ event: 'start', endpoints });
  }

  add(endpoint: string, event: WatchEvent): void {
    this.#line({ endpoint, ...event });
  }

  end(endpoints: readonly Summary[]): void {
    this.#line({ event: 'summary', endpoints });
  }

  #line(fields: object): void {
    // No line needs more digits of a number than microseconds.
    const text = JSON.stringify({ time: formatTimeOfDay(timeOfDay()), ...fields }, (_name, value: unknown) =>
      typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value,
    );
    this.#out.line(text);
  }
}

/** A line for each change, in which what repeats itself is left out, and a table. */
export class TextReport implements Report {
  readonly #out: Output;
  readonly #width: number;
  /** What was said last of each endpoint that is not up. */
  readonly #told = new Map<string, string>();

  constructor(out: Output, names: readonly string[]) {
    this.#out = out;
    this.#width = Math.max(...names.map(({ length }) => length));
  }

  begin(endpoints: readonly string[]): void {
    this.#out.line(`watching ${formatCount(endpoints.length, 'endpoint')}; Ctrl-C ends it`);
  }

  add(endpoint: string, event: WatchEvent): void {
    if (event.event === 'up') {
      const failed = event.failedDials > 0 ? ` and ${formatCount(event.failedDials, 'failed dial')}` : '';
      this.#told.delete(endpoint);
      this.#line(
        endpoint,
        this.#out.paint('green', 'up    '),
        `life ${event.life}, after ${formatDuration(event.downFor)}${failed}`,
      );
      return;
    }
    const { cause, nextDialIn } = event;
    const status = event.event === 'frozen' ? 'frozen' : 'down';
    const isNew = this.#told.get(endpoint) !== cause;
    this.#told.set(endpoint, cause);
    if (!isNew) return;
    const upFor = 'upFor' in event && event.upFor > 0 ? `, was up for ${formatDuration(event.upFor)}` : '';
    const painted = this.#out.paint(status === 'frozen' ? 'magenta' : 'red', status.padEnd(6));
    this.#line(endpoint, painted, `${cause}${upFor}; next dial in ${formatDuration(nextDialIn)}`);
  }

  end(summaries: readonly Summary[]): void {
    const hasPings = summaries.some(({ pings }) => pings);
    const header = ['endpoint', 'now', 'up', 'lives'];
    if (hasPings) header.push('ping p50', 'p99', 'unanswered');
    header.push('failed dials', 'causes');
    const rows = summaries.map((each) => rowOf(each, hasPings));
    this.#out.line(`\n${formatTable(header, rows)}`);
  }

  #line(endpoint: string, status: string, details: string): void {
    const clock = formatTimeOfDay(timeOfDay()).slice(11);
    this.#out.line(`${clock}  ${endpoint.padEnd(this.#width)}  ${status}  ${details}`);
  }
}

function rowOf(
  { endpoint, status, upPercent, lives, pings, failedDials, causes }: Summary,
  hasPings: boolean,
): (string | number)[] {
  const row = [endpoint, status === 'new' ? 'no answer yet' : status, `${upPercent.toFixed(1)} %`, lives];
  if (hasPings) row.push(timeOrDash(pings?.p50), timeOrDash(pings?.p99), pings?.unanswered ?? 0);
  const list = Object.entries(causes).map(([cause, count]) => `${cause} × ${count}`);
  return [...row, failedDials, list.join(', ')];
}

function timeOrDash(time: number | null | undefined): string {
  return typeof time === 'number' ? formatDuration(time) : '–';
}
