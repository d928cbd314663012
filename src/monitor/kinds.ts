// Of the page as well: no import.

/** What is wrong with a server, the worst first; `up`, `new` and `left` are well. */
export const kinds = [
  'down',
  'refusing',
  'frozen',
  'flapping',
  'degraded',
  'slow',
  'up',
  'new',
  'left',
  'gone',
] as const;
export type Kind = (typeof kinds)[number];

/** What a lane shows of a server at a moment. */
export const states = {
  /** It has no connections, or none has been ready yet and none has failed. */
  none: 0,
  /** All connections are ready. */
  up: 1,
  /** Some are. */
  part: 2,
  /** None is: it is not reached, or ends what it accepts. */
  down: 3,
  /** None is, or none is given back: it accepts connections and does not answer. */
  silent: 4,
  /** Connections are ready, and the server is slow: known only while there is a viewer. */
  slow: 5,
} as const;
export type State = (typeof states)[keyof typeof states];
