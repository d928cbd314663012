import { AsyncResource } from 'node:async_hooks';
import type { Handler } from '../../connection/index.js';
import type { DiscoveredEndpoint } from '../../discovery/index.js';
import { isError } from '../../primitives/errors.js';
import { Waiters } from '../../primitives/waiters.js';
import { publishDiscoveryFailed } from '../../telemetry/index.js';
import type { Failure } from '../members/health.js';
import type { MemberOptions } from '../members/member-options.js';
import type { Member } from '../members/member.js';
import { AfterChange } from './after-change.js';
import { allowedOf, type AllowEndpoint } from './allowed.js';
import { DiscoveredMembers, type FollowedPool } from './discovered-members.js';
import type { Elastic } from './elastic-options.js';
import { DiscoveryRecord, type DiscoveryStats } from './discovery-record.js';
import { DiscoverySubscription, type DiscoverySource } from './discovery-subscription.js';
import { Staleness } from './staleness.js';
import { SubsetChoice } from './subset-choice.js';
import type { Subset } from './subset-options.js';

/** The options of a pool that concern discovery, complete. */
export interface FollowSettings {
  readonly perEndpoint: number;
  readonly subset: Subset | undefined;
  readonly drain: number;
  readonly allowEndpoint: AllowEndpoint | undefined;
  readonly maxStale: number;
}

/** Follows a source of endpoints: the pool gets the connections that the last good snapshot asks for, and keeps them. */
export class Reconciler<H extends Handler> {
  readonly #pool: FollowedPool<H>;
  readonly #allow: AllowEndpoint | undefined;
  readonly #members: DiscoveredMembers<H>;
  readonly #subscription: DiscoverySubscription;
  readonly #choice: SubsetChoice | undefined;
  readonly #record: DiscoveryRecord = new DiscoveryRecord();
  readonly #answered: Waiters = new Waiters();
  /** The async context of the pool: in it connections are opened, whoever has lost others. */
  readonly #context = new AsyncResource('connman');
  /** What runs code of the application, and so waits until the present change is complete. */
  readonly #afterChange: AfterChange<'doubt' | 'choose'>;
  #perEndpoint: number;
  #snapshot: readonly DiscoveredEndpoint[] | undefined;
  #hasEnded = false;
  #isFollowing = false;
  #mustFollowAgain = false;
  readonly #staleness: Staleness;

  constructor(
    pool: FollowedPool<H>,
    source: DiscoverySource,
    settings: FollowSettings,
    options: MemberOptions,
  ) {
    this.#pool = pool;
    const { allowEndpoint, drain, maxStale, perEndpoint, subset } = settings;
    this.#allow = allowEndpoint;
    this.#perEndpoint = perEndpoint;
    this.#staleness = new Staleness(maxStale, () => this.#expire());
    this.#afterChange = new AfterChange(this.#context, (tasks) => this.#changeComplete(tasks));
    const members = new DiscoveredMembers(pool, {
      drain,
      options,
      failed: (error) => this.#notOpened(error),
      inContext: (action) => this.#context.runInAsyncScope(action),
    });
    this.#members = members;
    this.#choice = subset && new SubsetChoice(subset, () => this.#afterChange.schedule('choose'));
    this.#subscription = new DiscoverySubscription(source, {
      snapshot: (endpoints, isTrusted) => this.#take(endpoints, isTrusted),
      confirmed: () => this.#confirmed(),
      failed: (error) => this.#failed(error),
      failedInPart: (error) => this.#failedInPart(error),
      reported: (figures) => this.#record.reported(figures),
      ended: () => this.#end(),
      get keepsAlive() {
        return members.isEmpty;
      },
    });
  }

  /** Whether discovery may still bring connections, or bring some back. */
  get canGrow(): boolean {
    return !this.#hasEnded || this.willRestore;
  }

  /** Whether a connection will be opened that is wanted and not there. */
  get willRestore(): boolean {
    return this.#pool.roster.restorable > 0;
  }

  /** Whether the first snapshot is there, or none will come. */
  get hasAnswered(): boolean {
    return this.#snapshot !== undefined || this.#hasEnded;
  }

  /** How many connections belong to endpoints that count as dead: no caller has to wait for them. */
  get hopeless(): number {
    const { groups } = this.#pool.roster;
    return (this.#choice?.dead ?? []).reduce((sum, key) => sum + (groups.get(key)?.size ?? 0), 0);
  }

  get stats(): DiscoveryStats {
    const { groups, missing } = this.#pool.roster;
    let [wanted, refused] = [0, 0];
    for (const group of groups.values()) {
      wanted += group.wanted;
      refused += group.missing - group.restorable;
    }
    return this.#record.stats({ wanted, missing, refused });
  }

  start(): void {
    this.#subscription.start();
  }

  stop(error: Error): void {
    this.#subscription.stop();
    this.#members.stop();
    this.#choice?.stop();
    this.#staleness.stop();
    this.#answered.fail(error);
  }

  /** Resolves once the first snapshot is carried out, or none will be. */
  answered(signal: AbortSignal | undefined): Promise<void> {
    return this.#answered.wait(1, signal);
  }

  resize(elastic: Elastic): void {
    if (!this.#pool.growth.resize(elastic)) return;
    this.#perEndpoint = elastic.min;
    this.#follow();
  }

  /** Opens all that is wanted, whatever has failed before, unless that is under way, and asks the source. */
  refresh(): void {
    this.#hasEnded = false;
    const wasRefused = this.#members.refuseNone();
    this.#choice?.refresh();
    this.#context.runInAsyncScope(() => {
      this.#subscription.refresh();
      if (wasRefused || !this.#isFollowing) this.#follow();
    });
  }

  isSuperseded(member: Member<H>): boolean {
    return this.#members.isSuperseded(member);
  }

  drainSuperseded(): void {
    this.#members.drainSuperseded();
  }

  /** A dial has failed, or a life was lost. In the middle of a change. */
  failed({ group, isDiscovered }: Member<H>, failure: Failure): void {
    if (!isDiscovered || this.#pool.isClosed) return;
    const isDead = group.ready === 0 && (failure instanceof Error || failure.code === 'handshake');
    if (isDead) this.#choice?.failed(group.key, false);
    this.#afterChange.schedule('doubt');
  }

  /** A connection is ready. */
  ready(member: Member<H>): void {
    this.#members.ready(member);
    this.#choice?.recovered(member.group.key);
  }

  /** A connection leaves the pool, or is closed; `isRefused`: another one would fail as well. In the middle of a change. */
  left(member: Member<H>, isRefused: boolean): void {
    this.#members.left(member, isRefused);
    const { group, isDiscovered } = member;
    if (isDiscovered && isRefused && group.ready === 0) this.#choice?.failed(group.key, true);
  }

  #take(endpoints: readonly DiscoveredEndpoint[], isTrusted: boolean): void {
    const { endpoints: allowed, refusal } = allowedOf(endpoints, isTrusted, this.#allow);
    if (refusal) this.#failedInPart(refusal);
    this.#staleness.answered();
    this.#record.snapshot(allowed.length);
    this.#choice?.take(allowed);
    this.#snapshot = allowed;
    this.#follow();
    this.#answered.reached(1);
  }

  #confirmed(): void {
    this.#record.confirmed();
    if (this.#staleness.answered()) this.#follow();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#staleness.stop();
    this.#answered.reached(1);
    this.#pool.discoveryEnded();
  }

  #failed(error: unknown): void {
    this.#record.failed(error);
    if (this.#snapshot) this.#staleness.failed();
    this.#notOpened(error);
  }

  #failedInPart(error: unknown): void {
    this.#record.failedInPart(error);
    publishDiscoveryFailed(this.#pool, error);
  }

  #notOpened(error: unknown): void {
    if (isError(error)) this.#pool.discoveryFailed(error);
    publishDiscoveryFailed(this.#pool, error);
  }

  /** The source has failed for too long: others may have the addresses by now. */
  #expire(): void {
    this.#record.expired();
    this.#members.drop();
  }

  #changeComplete(tasks: ReadonlySet<'doubt' | 'choose'>): void {
    if (this.#pool.isClosed) return;
    if (tasks.has('doubt')) this.#subscription.doubt();
    if (tasks.has('choose')) this.#follow();
  }

  /** Carries out the last snapshot. A factory of the application may call `resize()` meanwhile: then once more. */
  #follow(): void {
    this.#mustFollowAgain = true;
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    while (this.#mustFollowAgain && this.#snapshot && !this.#staleness.isOver) {
      this.#mustFollowAgain = false;
      this.#members.carryOut(this.#choice?.chosen() ?? this.#snapshot, this.#perEndpoint);
    }
    this.#members.carriedOut();
    this.#isFollowing = false;
    this.drainSuperseded();
  }
}
