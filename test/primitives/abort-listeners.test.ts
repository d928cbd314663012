import { getEventListeners } from 'node:events';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { abortReason, addAbortListener, removeAbortListener } from '../../src/primitives/abort-listeners.js';
import { abortSignal } from '../../src/primitives/checks.js';
import { OptionError } from '../../src/primitives/errors.js';

const listening = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('many listen by one listener, which goes with the last of them', () => {
  const { signal } = new AbortController();
  const listeners = Array.from({ length: 10_000 }, () => () => undefined);
  for (const listener of listeners) addAbortListener(signal, listener);
  expect(listening(signal)).toBe(1);
  for (const listener of listeners.slice(1)) removeAbortListener(signal, listener);
  expect(listening(signal)).toBe(1);
  removeAbortListener(signal, listeners[0] as () => void);
  removeAbortListener(signal, listeners[0] as () => void);
  expect(listening(signal)).toBe(0);
});

test('each is called once, first come, first served, but not one that is removed before its turn', () => {
  const controller = new AbortController();
  const { signal } = controller;
  const called: number[] = [];
  const third = (): void => void called.push(3);
  addAbortListener(signal, () => {
    called.push(1);
    removeAbortListener(signal, third);
  });
  addAbortListener(signal, () => void called.push(2));
  addAbortListener(signal, third);
  addAbortListener(signal, () => void called.push(4));
  controller.abort();
  signal.dispatchEvent(new Event('abort'));
  expect(called).toEqual([1, 2, 4]);
  expect(listening(signal)).toBe(0);
});

test('one that throws does not stop the others, and its error is not lost', async () => {
  const controller = new AbortController();
  const called: string[] = [];
  addAbortListener(controller.signal, () => {
    throw new Error('mine');
  });
  addAbortListener(controller.signal, () => void called.push('next'));
  const thrown = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
  controller.abort();
  expect(called).toEqual(['next']);
  expect(await thrown).toMatchObject({ message: 'mine' });
  process.setUncaughtExceptionCaptureCallback(null);
});

test('a listener of the application cannot keep the event from them', () => {
  const controller = new AbortController();
  const called: string[] = [];
  controller.signal.addEventListener('abort', (event) => event.stopImmediatePropagation());
  addAbortListener(controller.signal, () => void called.push('told'));
  controller.abort();
  expect(called).toEqual(['told']);
});

test('after the last one has left, a signal can be listened to again', () => {
  const controller = new AbortController();
  const called: string[] = [];
  const gone = (): void => void called.push('gone');
  addAbortListener(controller.signal, gone);
  removeAbortListener(controller.signal, gone);
  addAbortListener(controller.signal, () => void called.push('told'));
  controller.abort();
  expect(called).toEqual(['told']);
});

/** A signal as packages make them, which is no AbortSignal of Node.js, and has no reason. */
class ForeignSignal extends EventTarget {
  aborted = false;

  abort(): void {
    this.aborted = true;
    this.dispatchEvent(new Event('abort'));
  }
}

test('a signal of another realm, or of a package, does as well', () => {
  const elsewhere = runInNewContext('new Foreign()', { Foreign: ForeignSignal }) as ForeignSignal;
  const foreign = elsewhere as unknown as AbortSignal;
  const called: unknown[] = [];
  abortSignal('signal', foreign);
  addAbortListener(foreign, () => void called.push(abortReason(foreign)));
  elsewhere.abort();
  expect(called).toEqual([expect.objectContaining({ name: 'AbortError' })]);
});

test.each([
  ['an empty object', {}],
  ['a state alone', { aborted: false }],
  ['half a target', { aborted: false, addEventListener() {} }],
  ['another state', { aborted: 1, addEventListener() {}, removeEventListener() {} }],
  ['a controller', new AbortController()],
  ['a text', 'aborted'],
  ['null', null],
])('%s is no signal', (_, value) => {
  expect(() => abortSignal('signal', value)).toThrow(OptionError);
});
