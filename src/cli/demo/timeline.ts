import { now } from '../../primitives/time.js';
import type { Output } from '../shell/output.js';

const colours = {
  connected: 'green',
  reconnected: 'green',
  reset: 'red',
  'dial failed': 'yellow',
  closed: 'gray',
  listening: 'cyan',
  'kill -9': 'magenta',
  restarted: 'cyan',
  probing: 'yellow',
  opening: 'green',
  up: 'green',
} as const;

/** The kinds of events, with their colours. */
export type Happening = keyof typeof colours;

/** Prints a line for each event: its time, its connection, its kind, and the details. */
export class Timeline {
  readonly #start = now();
  readonly #out: Output;

  constructor(out: Output) {
    this.#out = out;
  }

  add(name: string, happening: Happening, details: string): void {
    const seconds = ((now() - this.#start) / 1_000).toFixed(3);
    const painted = this.#out.paint(colours[happening], happening.padEnd(11));
    this.#out.line(`${seconds.padStart(7)} s  ${name.padEnd(6)}  ${painted}  ${details}`.trimEnd());
  }
}
