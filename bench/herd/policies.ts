import { type Backoff, exponential, type ExponentialOptions } from '../../src/backoff/index.js';

/** How one program waits before its dials: `first` is what it waits after losing the server. */
export interface Policy {
  readonly name: string;
  readonly first: (random: () => number) => Backoff;
}

/** connman's own `exponential()`, with its defaults or with other options. */
export function ours(options: ExponentialOptions = {}, name = 'connman (this)'): Policy {
  return { name, first: (random) => exponential({ ...options, random }) };
}

/** A policy as a function of how many delays came before and of the last one (undefined at first). */
type DelayRule = (index: number, last: number | undefined, random: () => number) => number;

function byRule(name: string, rule: DelayRule): Policy {
  const step = (random: () => number, index: number, last: number | undefined): Backoff => {
    const delay = rule(index, last, random);
    return { delay, next: () => step(random, index + 1, delay) };
  };
  return { name, first: (random) => step(random, 0, undefined) };
}

/** What connman 2.0.1 does: doubles from 20 ms and stops after the first delay of at least 128 s. */
const connman2 = byRule('connman 2.0.1', (index) => Math.min(20 * 2 ** index, 163_840));

/** ioredis' default `retryStrategy`. */
const ioredis = byRule('ioredis', (index) => Math.min((index + 1) * 50, 2_000));

/** node-redis dials at once; its default `reconnectStrategy` gives the waits after that, jitter on top of the cap. */
const nodeRedis = byRule('node-redis', (index, _last, random) =>
  index === 0 ? 0 : Math.min(2 ** (index - 1) * 50, 2_000) + Math.floor(random() * 200),
);

/**
 * The algorithm of gRPC's connection backoff document, where the first dial is made at once and the first wait has
 * no jitter. https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md
 */
const grpc = byRule('gRPC', (index, _last, random) => {
  if (index === 0) return 0;
  if (index === 1) return 1_000;
  return Math.min(1_000 * 1.6 ** (index - 1), 120_000) * (0.8 + 0.4 * random());
});

/** Base and cap of the three jitters of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
const base = 300;
const cap = 10_000;

function capped(index: number): number {
  return Math.min(cap, base * 2 ** index);
}

const fullJitter = byRule('full jitter', (index, _last, random) => capped(index) * random());

const equalJitter = byRule('equal jitter', (index, _last, random) => (capped(index) / 2) * (1 + random()));

const decorrelatedJitter = byRule('decorrelated jitter', (_index, last = base, random) =>
  Math.min(cap, base + (last * 3 - base) * random()),
);

/** What {@link ours} is compared with. */
export const others: readonly Policy[] = [
  connman2,
  ioredis,
  nodeRedis,
  grpc,
  fullJitter,
  equalJitter,
  decorrelatedJitter,
];
