import { toTimestamp } from '../primitives/time.js';
import { isIll } from './diagnosis.js';
import type { LaneChange, LogLine, Message, PoolLine, Row } from './messages.js';
import type { Recording } from './recording.js';
import { illSince, reason, type Finding, type NextDial } from './sentences.js';
import type { Server } from './server.js';
import { formatSpan } from './span.js';
import { judge, type Verdict } from './verdict.js';

/** What is asked of a manager while there is a viewer. */
export interface Survey {
  readonly pools: readonly PoolLine[];
  nextDials(servers: readonly Server[]): ReadonlyMap<number, NextDial>;
}

/** How far back lanes go, in milliseconds. */
const longest = 3_600_000;

/** Makes the messages: one with everything for who comes, then what has changed since. */
export class Views {
  readonly #recording: Recording;
  /** What the rows said last, by server. */
  #rows = new Map<number, string>();
  #nextChange = 0;
  #logVersion = 0;
  /** True until a page has been told everything. */
  #isNew = true;

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  /** Everything that is known. */
  full(survey: Survey, at: number): Message {
    const verdict = this.#judge(survey, at);
    if (this.#isNew) this.#changed(verdict, at);
    return this.#message(survey, verdict, at, {
      isFirst: true,
      rows: verdict.findings.map((finding) => rowOf(finding, at)),
      removed: [],
      changes: this.#changes(0, at),
      log: this.#log(0),
    });
  }

  /** What has changed since this was called last. */
  update(survey: Survey, at: number): Message {
    const verdict = this.#judge(survey, at);
    return this.#message(survey, verdict, at, { isFirst: false, ...this.#changed(verdict, at) });
  }

  /** The last page was closed. */
  forget(): void {
    this.#rows = new Map();
    this.#isNew = true;
  }

  /** What has changed since this was called last. */
  #changed(verdict: Verdict, at: number): Pick<Message, 'rows' | 'removed' | 'changes' | 'log'> {
    const { history, log } = this.#recording;
    const changed = {
      ...this.#changedRows(verdict, at),
      changes: this.#changes(this.#nextChange, at),
      log: this.#log(this.#logVersion),
    };
    this.#nextChange = history.next;
    this.#logVersion = log.version;
    this.#isNew = false;
    return changed;
  }

  #judge(survey: Survey, at: number): Verdict {
    return judge(this.#recording, at, (servers) => survey.nextDials(servers));
  }

  #changedRows({ findings }: Verdict, at: number): Pick<Message, 'rows' | 'removed'> {
    const before = this.#rows;
    this.#rows = new Map();
    const rows = findings.flatMap((finding) => {
      const { index } = finding.server;
      const row = rowOf(finding, at);
      const text = JSON.stringify(row);
      this.#rows.set(index, text);
      return before.get(index) === text ? [] : [row];
    });
    return { rows, removed: [...before.keys()].filter((index) => !this.#rows.has(index)) };
  }

  #changes(from: number, at: number): LaneChange[] {
    const { history } = this.#recording;
    return Array.from(history.since(from), (change): LaneChange => [
      change.number,
      timestamp(change.at),
      change.server,
      change.state,
    ]).filter(([, when]) => when > timestamp(at - longest));
  }

  #log(version: number): LogLine[] {
    return this.#recording.log.since(version).map(({ number, subject, text, count, first, last }) => ({
      number,
      subject,
      text,
      count,
      first: timestamp(first),
      last: timestamp(last),
    }));
  }

  #message(
    { pools }: Survey,
    { tone, headline, announcement, sentences, more }: Verdict,
    at: number,
    changed: Pick<Message, 'isFirst' | 'rows' | 'removed' | 'changes' | 'log'>,
  ): Message {
    const { causes, dials, startedAt, followedSince = at } = this.#recording;
    return {
      now: timestamp(at),
      startedAt: timestamp(startedAt),
      followedSince: timestamp(followedSince),
      tone,
      headline,
      announcement,
      sentences,
      more,
      numbers: numbersOf(this.#recording, pools, at),
      causes: causes.toArray(),
      dials: dials.read(at),
      pools,
      ...changed,
    };
  }
}

function rowOf(finding: Finding, at: number): Row {
  const { server, kind } = finding;
  const { index, name, pool, size, ready } = server;
  return {
    index,
    name,
    ...(pool !== undefined && { pool }),
    kind,
    reason: reason(finding, at),
    ...(isIll(kind) && kind !== 'slow' && { since: timestamp(illSince(server, kind, at)) }),
    size,
    ready,
  };
}

function numbersOf(
  { servers, leasesCut, requestsLost, closedForGood, waits }: Recording,
  pools: readonly PoolLine[],
  at: number,
): [string, string][] {
  const ready = Array.from(servers).reduce((sum, server) => sum + server.ready, 0);
  const sumOf = (name: 'waiting' | 'leased' | 'refused'): string =>
    String(pools.reduce((sum, pool) => sum + pool[name], 0));
  const p99 = waits.percentile(0.99, at);
  return [
    ['connections ready', `${ready} of ${servers.connections}`],
    ['leases held', sumOf('leased')],
    ['callers waiting', sumOf('waiting')],
    ['lease wait, p99', p99 === undefined ? '–' : formatSpan(p99)],
    ['leases not given', sumOf('refused')],
    ['leases cut', String(leasesCut)],
    ['requests lost', String(requestsLost)],
    ['closed for good', String(closedForGood)],
  ];
}

function timestamp(moment: number): number {
  return Math.round(toTimestamp(moment));
}
