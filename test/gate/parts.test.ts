import { describe, expect, test } from 'vitest';
import { Due } from '../../src/gate/due.js';
import { LifeCount } from '../../src/gate/life-count.js';
import { Trial } from '../../src/gate/trial.js';
import { OneThenAll, SlowStart } from '../../src/gate/window.js';

describe('the end of a wait', () => {
  test('is not postponed but by a dial in turn', () => {
    const due = new Due();
    expect(due.at).toBe(-Infinity);
    due.wait(100);
    due.wait(200);
    expect(due.at).toBe(100);
    due.turnTaken();
    due.wait(300);
    expect(due.at).toBe(300);
    due.wait(250);
    expect(due.at).toBe(250);
    due.clear();
    expect(due.at).toBe(-Infinity);
    due.wait(900);
    expect(due.at).toBe(250);
    due.forget();
    due.wait(900);
    expect(due.at).toBe(900);
  });

  test('may come sooner, and not later for it', () => {
    const due = new Due();
    due.wait(100);
    due.shorten(150);
    expect(due.at).toBe(100);
    due.shorten(50);
    due.wait(80);
    expect(due.at).toBe(50);
  });
});

describe('the lives', () => {
  test('are stable from when the last of them is, or as many as were before it', () => {
    const lives = new LifeCount();
    for (const moment of [0, 1, 2]) lives.began(moment, 10);
    expect([lives.stable(11, 10), lives.stable(12, 10)]).toEqual([0, 3]);
    lives.began(20, 10);
    expect([lives.stable(21, 10), lives.stable(30, 10)]).toEqual([3, 4]);
    lives.ended();
    lives.ended();
    expect(lives.stable(21, 10)).toBe(2);
  });

  test('have gone on since the first of them', () => {
    const lives = new LifeCount();
    expect(lives.areStable(100, 10)).toBe(false);
    lives.began(100, 10);
    lives.began(105, 10);
    lives.ended();
    expect([lives.areStable(109, 10), lives.areStable(110, 10)]).toEqual([false, true]);
    lives.ended();
    lives.ended();
    expect(lives.count).toBe(0);
    lives.began(200, 10);
    expect(lives.areStable(205, 10)).toBe(false);
  });
});

describe('a trial', () => {
  test('lasts for as long as it is to, and others wait for no longer than they would', () => {
    const trial = new Trial();
    expect([trial.isOn, trial.isOver(0)]).toEqual([false, false]);
    expect(trial.begin(100, 50)).toBe(150);
    expect([trial.isOn, trial.isOver(149), trial.isOver(150)]).toEqual([true, false, true]);
    expect(trial.nextAfter(120)).toBe(150);
    trial.limit(20);
    trial.limit(30);
    expect([trial.nextAfter(120), trial.nextAfter(140)]).toEqual([140, 150]);
    trial.stop();
    expect(trial.isOn).toBe(false);
    expect(trial.begin(200, 100)).toBe(300);
    expect(trial.nextAfter(200), 'that was another trial').toBe(300);
  });
});

describe('the window of an endpoint', () => {
  test('doubles with each round that has succeeded', () => {
    const window = new SlowStart(6);
    const sizes = Array.from({ length: 9 }, () => {
      window.widen();
      return window.size;
    });
    expect(sizes).toEqual([2, 2, 4, 4, 4, 4, 6, 6, 6]);
    window.narrow();
    expect([window.size, window.hasProof]).toEqual([1, false]);
  });

  test('may be raised, which proves nothing and takes a moment', () => {
    const window = new SlowStart(20);
    window.batchBegan(100);
    expect(window.nextBatch).toBe(102);
    window.raise(16, 101);
    expect([window.size, window.hasProof, window.nextBatch]).toEqual([16, false, 107]);
    window.raise(8, 200);
    window.raise(400, 110);
    expect([window.size, window.nextBatch]).toEqual([20, 116]);
  });

  test('is free again after the longest dial of the least patient', () => {
    const window = new SlowStart(20);
    window.batchBegan(1_000);
    expect(window.freedAt).toBe(Infinity);
    window.limitDials(500);
    window.limitDials(900);
    expect(window.freedAt).toBe(1_600);
  });
});

test('the window of an owner is one dial, and then all', () => {
  const window = new OneThenAll();
  expect([window.size, window.limit]).toEqual([1, 1]);
  window.widen();
  expect([window.size, window.limit]).toEqual([Infinity, Infinity]);
  window.raise();
  window.limitDials();
  window.batchBegan();
  window.narrow();
  expect([window.size, window.freedAt, window.nextBatch]).toEqual([1, Infinity, -Infinity]);
});
