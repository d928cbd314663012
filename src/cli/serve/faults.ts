import {
  end,
  endAt,
  garbage,
  greet,
  halfOpen,
  reset,
  resetAt,
  respond,
  silent,
  slow,
  stall,
  type Fault,
  type Script,
} from '../../testing/index.js';
import type { Arguments, Option } from '../shell/arguments.js';

const most = Number.MAX_SAFE_INTEGER;

interface FaultOption extends Option {
  read(given: Arguments, name: string): Fault;
}

function plain(text: string, make: () => Fault): FaultOption {
  return { text, read: make };
}

function atByte(text: string, make: (bytes: number) => Fault, from: number, to = most): FaultOption {
  return { takes: 'n', text, read: (given, name) => make(given.integer(name, from, to) ?? from) };
}

function withText(text: string, make: (data: string) => Fault): FaultOption {
  return { takes: 'text', text, read: (given, name) => make(`${given.text(name)}\r\n`) };
}

/** The faults of `connman/testing`, by the option that makes them. */
export const faultOptions: Readonly<Record<string, FaultOption>> = {
  greet: withText('send this line at accept', greet),
  answer: withText('answer whatever is read with this line', (data) => respond(() => data)),
  silent: plain('read, and never answer', silent),
  stall: plain('never read', stall),
  slow: atByte('send n bytes at once', (bytes) => slow({ bytes }), 1),
  garbage: atByte('send n bytes of noise at accept', garbage, 0, 2 ** 30),
  'half-open': plain('never answer a FIN', halfOpen),
  end: plain('send a FIN at accept', end),
  'end-at': atByte('echo n bytes, then send a FIN', endAt, 0),
  reset: plain('send a RST at accept', reset),
  'reset-at': atByte('echo n bytes, then send a RST', resetAt, 0),
};

/** The script for the faults that were asked for: of the first connections, where their number is given, or of all. */
export function readScript(given: Arguments): Script {
  const faults = Object.entries(faultOptions)
    .filter(([name]) => given.has(name))
    .map(([name, { read }]) => read(given, name));
  const first = given.integer('first', 0, most) ?? Infinity;
  return (connection) => (connection <= first ? faults : []);
}
