import { styleText } from 'node:util';

const colours = {
  connected: 'green',
  reconnected: 'green',
  reset: 'red',
  'dial failed': 'yellow',
  closed: 'gray',
  listening: 'cyan',
  'kill -9': 'magenta',
  restarted: 'cyan',
} as const;

/** The kinds of events, with their colours. */
export type Happening = keyof typeof colours;

const isColoured = process.stdout.isTTY && !process.env['NO_COLOR'];

/** Prints a line for each event: its time, its connection, its kind, and the details. */
export class Timeline {
  readonly #start = performance.now();

  add(name: string, happening: Happening, details: string): void {
    const seconds = ((performance.now() - this.#start) / 1_000).toFixed(3);
    const what = happening.padEnd(11);
    const painted = isColoured ? styleText(colours[happening], what) : what;
    console.log(`${seconds.padStart(7)} s  ${name.padEnd(6)}  ${painted}  ${details}`.trimEnd());
  }
}

/** Formats milliseconds for people. */
export function formatDuration(duration: number): string {
  return duration < 1_000 ? `${Math.round(duration)} ms` : `${(duration / 1_000).toFixed(2)} s`;
}
