/** A line protocol: one line asks, one line answers, in order. */
export interface Protocol {
  /** The line that ping number n sends. */
  ping(n: number): string;
  /** Whether a line is the answer to ping number n. */
  isAnswer(line: string, n: number): boolean;
}

/** What ends each line, in both directions. */
export const lineEnd = '\r\n';

/** Spoken by any server that sends back what it reads. */
const echo: Protocol = {
  ping: (n) => `ping ${n}`,
  isAnswer: (line, n) => line === `ping ${n}`,
};

/** The answers of memcached carry no number: what counts is their order. */
const memcached: Protocol = {
  ping: () => 'version',
  isAnswer: (line) => line.startsWith('VERSION '),
};

export const protocols = { echo, memcached };
