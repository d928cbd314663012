import { onTestFinished, vi } from 'vitest';
import type { DiscoveredEndpoint, Discovery } from '../../../src/index.js';
import {
  DiscoverySubscription,
  type SnapshotListener,
} from '../../../src/pool/following/discovery-subscription.js';
import { unchecked } from '../../support/call.js';
import { useFakeTime } from '../../support/fake-time.js';
import { turns } from '../../support/repeat.js';

/** Writes down what it is told. */
export class Listener implements SnapshotListener {
  readonly snapshots: (readonly DiscoveredEndpoint[])[] = [];
  readonly failures: unknown[] = [];
  readonly partialFailures: unknown[] = [];
  readonly reports: object[] = [];
  confirmations = 0;
  endings = 0;
  keepsAlive = false;
  onSnapshot: () => void = () => undefined;
  onFailure: () => void = () => undefined;

  snapshot(endpoints: readonly DiscoveredEndpoint[]): void {
    this.snapshots.push(endpoints);
    this.onSnapshot();
  }

  failed(error: unknown): void {
    this.failures.push(error);
    this.onFailure();
  }

  confirmed(): void {
    this.confirmations += 1;
  }

  failedInPart(error: unknown): void {
    this.partialFailures.push(error);
  }

  reported(figures: object): void {
    this.reports.push(figures);
  }

  ended(): void {
    this.endings += 1;
  }

  get told(): number {
    return this.snapshots.length + this.failures.length + this.endings;
  }
}

export const a = { host: 'a', port: 1 };
export const b = { host: 'b', port: 2 };

/** A subscription of this source until the end of the test, and what it tells. */
export function follow(source: unknown): [DiscoverySubscription, Listener] {
  const listener = new Listener();
  const subscription = new DiscoverySubscription(unchecked(source), listener);
  subscription.start();
  onTestFinished(() => subscription.stop());
  return [subscription, listener];
}

/** Takes over timers and clock for the test. */
export function fakeTime(): void {
  useFakeTime();
  onTestFinished(() => void vi.useRealTimers());
}

export async function passSeconds(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(seconds * 1_000);
  await turns(5);
}

/** A source whose iterations are all the same iterator. */
export function iteratorOf(iterator: unknown): Discovery {
  return { [Symbol.asyncIterator]: () => unchecked(iterator) };
}
