import { vi } from 'vitest';
import { nextTurn } from './fixtures.js';

/** Takes over timers and clock, but not the turns of the event loop, so that real sockets go on. */
export function useFakeTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
}

/** Runs `body` with timers and clock taken over, and gives them back afterwards. */
export async function withFakeTime(body: () => Promise<void>): Promise<void> {
  useFakeTime();
  try {
    await body();
  } finally {
    vi.useRealTimers();
  }
}

/** Lets time pass in steps, with turns of the event loop in between for the sockets. */
export async function pass(milliseconds: number, step = 50): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += step) {
    await vi.advanceTimersByTimeAsync(Math.min(step, milliseconds - passed));
    for (let turn = 0; turn < 4; turn += 1) await nextTurn();
  }
}

/** Lets time pass until that has happened. */
export async function passUntil<T>(event: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const over = (): void => {
    state.isOver = true;
  };
  event.then(over, over);
  // Step by step: it is the last one that matters.
  // oxlint-disable-next-line no-await-in-loop
  while (!state.isOver) await pass(2, 2);
  return event;
}
