import { beforeEach, describe, expect, test } from 'vitest';
import { Admission } from '../../src/gate/admission.js';
import type { LifeEnd } from '../../src/gate/decision.js';
import type { Window } from '../../src/gate/window.js';

const stableAfter = 1_000;
const delay = 100;

/** A window that does what it is told, and notes it. */
class NotedWindow implements Window {
  size = 8;
  limit = 8;
  hasProof = false;
  needsLives = false;
  freedAt = 500;
  nextBatch = -Infinity;
  readonly calls: unknown[] = [];

  batchBegan(now: number): void {
    this.calls.push(['batch', now]);
  }

  widen(): void {
    this.calls.push('widen');
  }

  raise(size: number, now?: number): void {
    this.calls.push(['raise', size, now]);
  }

  narrow(): void {
    this.calls.push('narrow');
  }

  limitDials(): void {}
}

let window: NotedWindow;
let admission: Admission;

beforeEach(() => {
  window = new NotedWindow();
  admission = new Admission(window);
});

/** What the window was told since the last time. */
function calls(): unknown[] {
  return window.calls.splice(0);
}

/** What it says of itself. */
function seen(): object {
  const { health, due, dialling, lives, window: size, isOnTrial, isQuiet } = admission;
  return { health, due, dialling, lives, size, isOnTrial, isQuiet };
}

function begin(count = 1): void {
  for (let each = 0; each < count; each += 1) admission.dialBegan('normal');
}

/** A dial succeeds at that moment. */
function up(now: number): void {
  begin();
  admission.dialSucceeded(now, stableAfter);
}

function fail(now: number, wait = delay): unknown {
  return admission.dialFailed(now, stableAfter, wait);
}

function endOf(uptime: number, more: Partial<LifeEnd> = {}): LifeEnd {
  return { uptime, stableAfter, counts: true, wasOnTrial: false, othersWait: false, ...more };
}

/** A life ends that is so old. */
function lose(now: number, uptime: number, more: Partial<LifeEnd> = {}): unknown {
  return admission.lifeEnded(now, endOf(uptime, more), delay);
}

/** The first life was lost early. It is 10 ms past the beginning, and the wait ends at 110. */
function loseEarly(): void {
  up(0);
  lose(10, 10);
}

/** Two lives were lost early, the last of them at 210. */
function flap(): void {
  loseEarly();
  up(200);
  lose(210, 10, { wasOnTrial: true });
}

test('at first all is well, and nothing is known', () => {
  expect(seen()).toMatchObject({ health: 'good', due: -Infinity, dialling: 0, lives: 0, size: 8 });
  expect(seen()).toMatchObject({ isQuiet: true, isOnTrial: false });
});

test('a dial that succeeds begins a life', () => {
  up(0);
  expect(admission.lives).toBe(1);
});

describe('it is quiet', () => {
  test('not with a dial', () => {
    begin();
    expect(admission.isQuiet).toBe(false);
  });

  test('not when the last life is lost, until a dial succeeds', () => {
    up(0);
    lose(2_000, 2_000);
    expect(admission.isQuiet).toBe(false);
    up(2_100);
    expect(admission.isQuiet).toBe(true);
  });

  test('not after an early loss, until a life is stable', () => {
    loseEarly();
    up(200);
    admission.passTime(230);
    expect(seen()).toMatchObject({ health: 'good', isQuiet: false });
    up(240);
    lose(1_300, 1_100);
    expect(admission.isQuiet).toBe(true);
  });
});

describe('the next dial may begin', () => {
  test('in turn when the wait is over; out of turn, or for the first time where all is well, before', () => {
    window.nextBatch = 7;
    expect(admission.opensAt('normal')).toBe(7);
    up(0);
    loseEarly();
    expect(seen()).toMatchObject({ health: 'good', due: 110 });
    expect(['urgent', 'new', 'normal'].map((each) => admission.opensAt(each as 'new'))).toEqual([7, 7, 110]);
    up(20);
    begin();
    fail(30, 200);
    expect(seen()).toMatchObject({ health: 'failing', due: 230 });
    expect(['urgent', 'new', 'normal'].map((each) => admission.opensAt(each as 'new'))).toEqual([
      7, 230, 230,
    ]);
  });

  test('when a dial no longer holds others up, but never above the limit', () => {
    window.size = 1;
    window.limit = 2;
    begin();
    expect(admission.opensAt('urgent')).toBe(500);
    begin();
    expect(admission.opensAt('urgent')).toBe(Infinity);
  });
});

describe('a wait', () => {
  test('is not put off by a dial out of turn, nor forgotten in trouble', () => {
    begin();
    fail(0);
    admission.queueEmptied();
    admission.dialBegan('urgent');
    fail(50, 300);
    expect(admission.due).toBe(100);
    begin();
    fail(110, 300);
    expect(admission.due).toBe(410);
  });

  test('is nobody’s where all is well and nobody waits', () => {
    up(0);
    loseEarly();
    expect(seen()).toMatchObject({ health: 'good', due: 110 });
    admission.queueEmptied();
    admission.dialBegan('new');
    admission.dialSucceeded(20, stableAfter);
    lose(50, 30);
    expect(admission.due).toBe(150);
  });

  test('may be made shorter', () => {
    begin();
    fail(0);
    admission.shortenWait(10, 50);
    expect(admission.due).toBe(60);
    admission.shortenWait(20, 50);
    expect(admission.due).toBe(60);
  });

  test('for other lives goes on when a dial succeeds', () => {
    up(0);
    loseEarly();
    up(20);
    expect(admission.due).toBe(110);
  });
});

describe('the window', () => {
  test('is told of each batch', () => {
    begin();
    fail(0);
    begin();
    admission.batchBegan(130);
    expect(calls()).toContainEqual(['batch', 130]);
    expect(admission.due).toBe(100);
  });

  test('is narrow for one that comes alone', () => {
    begin();
    admission.freshArrival();
    expect(calls()).toEqual([]);
    admission.dialAbandoned();
    admission.freshArrival();
    expect(calls()).toEqual(['narrow']);
  });

  test('is raised to what is stable, or to what is asked for; in trouble it is not', () => {
    for (const now of [0, 1, 2]) up(now);
    calls();
    admission.raiseWindow(10, stableAfter, 2);
    admission.raiseWindow(2_000, stableAfter, 2);
    admission.raiseWindow(2_000, stableAfter, 16);
    expect(calls()).toEqual([
      ['raise', 2, 10],
      ['raise', 3, 2_000],
      ['raise', 16, 2_000],
    ]);
    begin();
    fail(2_000);
    calls();
    admission.raiseWindow(2_000, stableAfter, 16);
    expect(calls()).toEqual([]);
  });

  test('is wider for each dial that succeeds, and narrow after one that fails', () => {
    up(0);
    expect(calls()).toEqual(['widen']);
    begin();
    fail(10);
    expect(calls()).toEqual(['narrow']);
  });

  test('is narrow when the last life is lost, or has ended where it needs lives', () => {
    for (const now of [0, 1, 2]) up(now);
    calls();
    window.needsLives = true;
    lose(10, 10, { counts: false });
    expect(calls()).toEqual([]);
    lose(10, 10);
    expect(calls()).toEqual([]);
    lose(10, 10, { counts: false });
    expect(calls()).toEqual(['narrow']);
    window.needsLives = false;
    up(20);
    calls();
    lose(30, 10, { counts: false });
    expect(calls()).toEqual([]);
    up(40);
    calls();
    lose(50, 10);
    expect(calls()).toEqual(['narrow']);
  });
});

describe('a failed dial', () => {
  test('is a failure of all where nothing is up', () => {
    window.hasProof = true;
    begin();
    expect(fail(5)).toEqual({ wait: 'failure', isStable: false });
    expect(seen()).toMatchObject({ health: 'failing', due: 105, dialling: 0 });
  });

  test('is an exception where dials succeed and there is a life', () => {
    up(0);
    window.hasProof = true;
    begin(2);
    expect(admission.afterDialFailure(999, stableAfter)).toEqual({ wait: undefined, isStable: false });
    expect(fail(1_000)).toEqual({ wait: undefined, isStable: true });
    expect(seen()).toMatchObject({ health: 'good', due: -Infinity });
  });

  test('is none where dials have not succeeded since the last one that failed', () => {
    up(0);
    begin();
    expect(fail(2_000)).toEqual({ wait: 'failure', isStable: true });
    window.hasProof = true;
    begin();
    expect(fail(3_000)).toEqual({ wait: 'failure', isStable: false });
  });

  test('counts once for all that were in flight', () => {
    begin(2);
    fail(0);
    calls();
    admission.dialBegan('urgent');
    expect(fail(10)).toEqual({ wait: undefined, isStable: false });
    expect(calls()).toEqual([]);
    expect(admission.due).toBe(100);
    expect(fail(20)).toMatchObject({ wait: 'failure' });
  });

  test('counts if one that was in flight with an earlier one has succeeded, or was called off', () => {
    begin(3);
    fail(0);
    admission.dialSucceeded(5, stableAfter);
    expect(fail(10)).toMatchObject({ wait: 'failure' });
    begin(2);
    fail(20);
    admission.dialAbandoned();
    begin();
    expect(fail(30)).toMatchObject({ wait: 'failure' });
  });

  test('makes an early loss forgotten, and ends a trial', () => {
    loseEarly();
    up(200);
    expect(admission.isOnTrial).toBe(true);
    begin();
    fail(210);
    expect(seen()).toMatchObject({ health: 'failing', isOnTrial: false });
    expect(lose(220, 20)).toEqual({ wait: undefined, isStable: false });
    up(400);
    expect(seen()).toMatchObject({ health: 'good', isOnTrial: false });
    lose(410, 10);
    expect(admission.health).toBe('lost');
  });
});

describe('a dial that was answered, without a life', () => {
  test('says that the endpoint is up', () => {
    begin();
    fail(0);
    begin();
    calls();
    admission.dialAnswered();
    expect(seen()).toMatchObject({ health: 'good', due: -Infinity, dialling: 0 });
    expect(calls()).toEqual(['widen']);
  });

  test('says nothing of lives that die young', () => {
    loseEarly();
    begin();
    admission.dialAnswered();
    expect(seen()).toMatchObject({ health: 'lost', dialling: 0, isOnTrial: false });
    up(200);
    lose(210, 10, { wasOnTrial: true });
    begin();
    admission.dialAnswered();
    expect(seen()).toMatchObject({ health: 'flapping', dialling: 0, isOnTrial: false });
    // It is that too when the last life was stable, and nobody has looked at the time since.
    up(400);
    lose(1_500, 1_100, { wasOnTrial: true });
    begin();
    admission.dialAnswered();
    expect(seen()).toMatchObject({ health: 'flapping', dialling: 0, isOnTrial: false });
  });
});

describe('a trial', () => {
  test('is short after one early loss, and none after a stable life', () => {
    loseEarly();
    up(200);
    expect(seen()).toMatchObject({ isOnTrial: true, due: 230, health: 'lost' });
    expect(admission.passTime(229)).toBe(false);
    expect(admission.isOnTrial).toBe(true);
    calls();
    expect(admission.passTime(230)).toBe(false);
    expect(seen()).toMatchObject({ isOnTrial: false, due: -Infinity, health: 'good' });
    expect(calls()).toEqual(['widen']);
    up(240);
    expect(admission.isOnTrial).toBe(false);
    lose(2_000, 1_800);
    lose(2_000, 1_760);
    up(2_100);
    expect(seen()).toMatchObject({ isOnTrial: false, health: 'good' });
  });

  test('is no longer than it takes a life to be stable', () => {
    loseEarly();
    begin();
    admission.dialSucceeded(200, 20);
    expect(admission.due).toBe(220);
  });

  test('lasts until a life is stable where the endpoint flaps', () => {
    flap();
    expect(seen()).toMatchObject({ health: 'flapping', due: 310 });
    up(400);
    expect(seen()).toMatchObject({ health: 'flapping', isOnTrial: true, due: 1_400 });
    expect(admission.passTime(1_399)).toBe(false);
    expect(admission.passTime(1_400)).toBe(true);
    expect(seen()).toMatchObject({ health: 'good', isOnTrial: false, due: -Infinity, isQuiet: true });
  });

  test('is one at a time: a second life neither prolongs it nor widens the window', () => {
    flap();
    up(400);
    calls();
    up(900);
    expect(admission.due).toBe(1_400);
    expect(calls()).toEqual([]);
    expect(admission.passTime(1_400)).toBe(true);
  });

  test('holds nobody up for longer than it would wait, one after the other', () => {
    flap();
    up(400);
    admission.limitTrial(500, 50);
    expect(admission.due).toBe(550);
    admission.shortenWait(500, 10);
    expect(admission.due).toBe(550);
    admission.limitTrial(520, 80);
    expect(admission.due).toBe(550);
    admission.batchBegan(540);
    expect(admission.due).toBe(550);
    begin();
    admission.batchBegan(560);
    expect(admission.due).toBe(610);
  });

  test('that is none has no effect', () => {
    begin();
    fail(0);
    admission.limitTrial(10, 5);
    expect(admission.due).toBe(100);
  });

  test('ends with its life: by a loss that is weighed, or by its owner, and then the next may dial', () => {
    flap();
    up(400);
    expect(lose(450, 50, { wasOnTrial: true })).toEqual({ wait: 'loss', isStable: false });
    expect(seen()).toMatchObject({ isOnTrial: false, due: 550, health: 'flapping', lives: 0 });
    up(600);
    expect(lose(650, 50, { wasOnTrial: true, counts: false })).toEqual({ wait: undefined, isStable: false });
    expect(seen()).toMatchObject({ isOnTrial: false, due: 650, health: 'flapping' });
    up(700);
    lose(710, 10, { wasOnTrial: true });
    // One that begins in the same millisecond.
    up(710);
    expect(lose(720, 10, { wasOnTrial: true })).toEqual({ wait: 'loss', isStable: false });
  });

  test('that was passed, without a look at the time, ends with the loss of its life', () => {
    flap();
    up(400);
    expect(lose(1_500, 1_100, { wasOnTrial: true })).toEqual({ wait: 'first', isStable: true });
    expect(seen()).toMatchObject({ isOnTrial: false, health: 'flapping', due: 1_600 });
  });

  test('goes on when another life ends, whatever that was', () => {
    loseEarly();
    up(200);
    calls();
    expect(lose(210, 205)).toEqual({ wait: undefined, isStable: false });
    expect(seen()).toMatchObject({ isOnTrial: true, due: 230, health: 'lost' });
    expect(calls()).toEqual([]);
    up(215);
    expect(lose(220, 5)).toEqual({ wait: undefined, isStable: false });
    expect(seen()).toMatchObject({ isOnTrial: true, due: 230, health: 'lost' });
    expect(admission.afterLife(225, endOf(1_000))).toEqual({ wait: undefined, isStable: true });
  });
});

describe('the end of a life', () => {
  test('that was stable calls for a first wait, unless there is one or others wait', () => {
    for (const now of [0, 0, 0]) up(now);
    expect(lose(2_000, 1_000, { othersWait: true })).toEqual({ wait: undefined, isStable: true });
    expect(admission.due).toBe(-Infinity);
    expect(lose(2_000, 1_000)).toEqual({ wait: 'first', isStable: true });
    expect(seen()).toMatchObject({ due: 2_100, health: 'good' });
    expect(admission.afterLife(2_099, endOf(2_000))).toEqual({ wait: undefined, isStable: true });
    expect(admission.afterLife(2_100, endOf(2_000))).toEqual({ wait: 'first', isStable: true });
    lose(2_200, 2_200);
    expect(seen()).toMatchObject({ health: 'lost', due: 2_100 });
  });

  test('that does not count proves what it proves, and changes nothing else', () => {
    up(0);
    up(0);
    expect(lose(2_000, 2_000, { counts: false })).toEqual({ wait: undefined, isStable: true });
    expect(lose(2_000, 10, { counts: false })).toEqual({ wait: undefined, isStable: false });
    expect(seen()).toMatchObject({ health: 'good', due: -Infinity, lives: 0 });
  });

  test('proves nothing where dials have failed since', () => {
    up(0);
    begin();
    fail(3_000);
    expect(lose(3_010, 3_010)).toEqual({ wait: undefined, isStable: false });
    expect(admission.health).toBe('failing');
  });

  test('that was young takes a step, once for all that were lost with it', () => {
    for (const now of [0, 10, 11]) up(now);
    expect(lose(10, 10)).toEqual({ wait: 'loss', isStable: false });
    expect(seen()).toMatchObject({ health: 'good', due: 110 });
    expect(lose(15, 5)).toEqual({ wait: undefined, isStable: false });
    expect(lose(120, 109)).toEqual({ wait: 'loss', isStable: false });
    expect(seen()).toMatchObject({ health: 'lost', due: 110 });
    up(300);
    // One that began with the step, but ends when the wait is over.
    expect(lose(400, 280)).toEqual({ wait: undefined, isStable: false });
    expect(admission.afterLife(400, endOf(280))).toMatchObject({ wait: undefined });
    admission.passTime(400);
    expect(admission.afterLife(400, endOf(280))).toEqual({ wait: 'first', isStable: false });
    expect(admission.afterLife(400, endOf(279))).toEqual({ wait: 'loss', isStable: false });
  });

  test('takes its step whatever first wait, or end that does not count, was before', () => {
    for (const now of [0, 0, 1_900, 1_900]) up(now);
    lose(2_000, 2_000);
    expect(lose(2_005, 105)).toEqual({ wait: 'loss', isStable: false });
    admission = new Admission(window);
    for (const now of [0, 1_900, 1_900]) up(now);
    lose(2_000, 2_000, { counts: false });
    expect(lose(2_005, 105)).toEqual({ wait: 'loss', isStable: false });
  });

  test('flaps the second time in a row, unless a life was stable in between', () => {
    flap();
    expect(admission.health).toBe('flapping');
    admission = new Admission(window);
    loseEarly();
    up(200);
    admission.passTime(230);
    up(300);
    lose(1_300, 1_000);
    expect(admission.health).toBe('good');
    lose(1_310, 10);
    expect(admission.health).toBe('lost');
    up(1_500);
    admission.passTime(1_530);
    lose(2_600, 1_100);
    expect(admission.health).toBe('lost');
    up(2_700);
    lose(2_710, 10);
    expect(admission.health).toBe('lost');
  });

  test('that was the last and stable is a loss, also after an early one', () => {
    loseEarly();
    up(200);
    admission.passTime(230);
    lose(1_300, 1_100);
    expect(admission.health).toBe('lost');
    up(1_400);
    expect(seen()).toMatchObject({ isOnTrial: false, health: 'good' });
  });
});
