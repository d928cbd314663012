import * as fc from 'fast-check';
import { OptionError } from '../../src/index.js';
import { turns } from '../model/program.js';
import { Tally } from '../model/tally.js';
import { canary, Thrown } from './hostile.js';
import { anyAttempt, type Attempt } from './targets.js';

/** How many values are tried, and from which seed. */
export interface FuzzOptions {
  readonly attempts: number;
  readonly seed: number;
  /** Called after every batch of attempts. */
  readonly progress?: (tally: Tally) => void;
}

const batchSize = 2_000;
const longestMessage = 2_000;

/** Tries hostile values; rejects with the simplest that does harm. */
export async function runFuzz({ attempts, seed, progress }: FuzzOptions): Promise<Tally> {
  const tally = new Tally();
  const property = fc.property(anyAttempt, (attempt) => judge(attempt, tally));
  const later: unknown[] = [];
  const failed = (error: unknown): void => void later.push(error);
  const kinds = ['uncaughtException', 'unhandledRejection', 'warning'] as const;
  for (const kind of kinds) process.on(kind, failed);
  try {
    for (let batch = 0; tally.of('attempts') < attempts; batch++) {
      fc.assert(property, { seed: seed + batch, numRuns: Math.min(batchSize, attempts) });
      // What was begun ends.
      await turns(3);
      if (later.length > 0) throw later[0];
      progress?.(tally);
    }
  } finally {
    for (const kind of kinds) process.off(kind, failed);
  }
  return tally;
}

function judge(attempt: Attempt, tally: Tally): void {
  tally.count('attempts');
  const fault = faultOf(attempt, tally);
  if (fault !== undefined) throw new Error(`${attempt.label}: ${fault}`);
}

function faultOf({ run }: Attempt, tally: Tally): string | undefined {
  try {
    const fault = run();
    tally.count('accepted');
    return fault;
  } catch (error) {
    const isOwn = error instanceof Thrown || isClassCall(error);
    tally.count(isOwn ? 'thrown by the value' : 'refused');
    return isOwn ? undefined : faultOfError(error);
  }
}

/** What JavaScript says of a class that was given as a function: clear, and about the value. */
function isClassCall(error: unknown): boolean {
  return error instanceof TypeError && error.message.startsWith('Class constructor');
}

/** What an error lacks to be a clear one. */
function faultOfError(error: unknown): string | undefined {
  if (!(error instanceof OptionError))
    return `no OptionError, but ${error instanceof Error ? error.stack : String(error)}`;
  const { message, option } = error;
  if (!message.startsWith(`${option}: expected `) || !/, got \S/.test(message)) return `unclear: ${message}`;
  if (message.includes(canary)) return `tells a secret: ${message}`;
  return message.length > longestMessage ? `a message of ${message.length} characters` : undefined;
}
