import type { Finding } from './findings.js';

/** A part of the comparison, which can be measured by itself. */
export interface Part {
  readonly title: string;
  readonly rounds: number;
  /** How many rounds are enough to see that it works; 0 where that takes too long. */
  readonly quickRounds: number;
  /** How many minutes it may take: more is a fault. */
  readonly minutes: number;
  /** Which of the peers take part. */
  readonly peers: readonly string[];
  /** Measures; what it found, in order. */
  run(rounds: number): Promise<readonly Finding[]>;
}
