import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { checkHandler } from '../../../src/connection/handler/check-handler.js';
import { OptionError } from '../../../src/index.js';
import { refusal } from '../../support/refusal.js';

const known = ['onConnect', 'onReconnect', 'onReset', 'onData', 'onDrain', 'onRetry', 'onClose', 'onError'];

function doNothing(): void {}

function handlerWith(...names: readonly string[]): object {
  return Object.fromEntries(['onConnect', ...names].map((name) => [name, doNothing]));
}

/** Everything that one slip of the finger makes of a name, without what is still the name. */
function slipsOf(name: string): string[] {
  const slips = new Set([name.toLowerCase(), name.toUpperCase(), `${name}s`, `x${name}`]);
  for (let at = 0; at < name.length; at += 1) {
    const [before, letter, after] = [name.slice(0, at), name.charAt(at), name.slice(at + 1)];
    slips
      .add(before + after)
      .add(`${before}x${after}`)
      .add(`${before}x${letter}${after}`);
    slips.add(before + after.charAt(0) + letter + after.slice(1));
  }
  slips.delete(name);
  return [...slips];
}

describe('a handler', () => {
  test('needs no more than onConnect, and may have all that connman calls', () => {
    expect(() => checkHandler(handlerWith())).not.toThrow();
    expect(() => checkHandler(handlerWith(...known))).not.toThrow();
    expect(refusal(() => checkHandler({})).message).toBe(
      'handler.onConnect: expected a function, got undefined',
    );
  });

  test('is no promise of one, as a factory that is async returns', () => {
    expect(refusal(() => checkHandler(Promise.resolve(handlerWith()))).message).toBe(
      'handler: expected an object with the method onConnect, got a promise',
    );
  });

  test('may be a function with methods, but neither a bare one nor a constructor', () => {
    function Client(): void {}
    expect(() => checkHandler(Object.assign(() => undefined, { onConnect: doNothing }))).not.toThrow();
    const expected = 'handler: expected an object with the method onConnect, got';
    expect(refusal(() => checkHandler(doNothing)).message).toBe(`${expected} a function`);
    Client.prototype.onConnect = doNothing;
    expect(refusal(() => checkHandler(Client)).message).toBe(`${expected} a class (pass an instance)`);
  });

  test.each(known)('is refused with a method that is almost %s', (name) => {
    for (const slip of slipsOf(name)) {
      const error = refusal(() => checkHandler(handlerWith(slip)));
      expect(error).toBeInstanceOf(OptionError);
      expect(error).toMatchObject({ option: `handler.${slip}` });
      expect(error.message).toContain(`(did you mean ${name}?)`);
    }
  });

  test('is told of a misspelled onConnect, not that it has none', () => {
    const { message } = refusal(() => checkHandler({ onconnect: doNothing }));
    expect(message).toContain('handler.onconnect: expected no such method (did you mean onConnect?), got');
  });

  test('is refused for what it inherits from a class, or from the class of that, and beside the right name', () => {
    class Base {
      onConnect(): void {}
      onReconect(): void {}
    }
    class Derived extends Base {
      onReconnect(): void {}
    }
    for (const handler of [new Base(), new Derived()]) {
      expect(refusal(() => checkHandler(handler)).message).toContain('(did you mean onReconnect?)');
    }
    function Old(): void {}
    Object.assign(Old.prototype as object, { onConnect: doNothing, ondata: doNothing });
    const old: unknown = Reflect.construct(Old, []);
    expect(refusal(() => checkHandler(old)).message).toContain('(did you mean onData?)');
  });

  test('may have other methods of its own, and private ones', () => {
    const own = [
      'on',
      'once',
      'off',
      'emit',
      'onMessage',
      'onPublish',
      'onPacket',
      'onConnected',
      'onDisconnect',
    ];
    const others = [
      'onDataReady',
      'onRetire',
      'onClosed2',
      'reset',
      'connect',
      'close',
      '_onData',
      '_onError',
    ];
    expect(() => checkHandler(handlerWith(...own, ...others))).not.toThrow();
  });

  test('may be an EventEmitter, a stream, a function, or an object without a prototype', () => {
    for (const made of [new EventEmitter(), new Duplex(), doNothing.bind(undefined), Object.create(null)]) {
      expect(() => checkHandler(Object.assign(made as object, handlerWith()))).not.toThrow();
    }
  });

  test('may have members that cannot be called, such as the ones of an EventTarget', () => {
    class Target extends EventTarget {
      onclose: unknown = null;
      onDatas = 5;
      get onerror(): unknown {
        return null;
      }
      onConnect(): void {}
    }
    expect(() => checkHandler(new Target())).not.toThrow();
    class Covered extends Target {
      override onclose = undefined;
    }
    Object.assign(Target.prototype, { onclose: doNothing });
    expect(() => checkHandler(new Covered())).not.toThrow();
  });

  test('is not refused for what someone has put on Object.prototype', () => {
    Object.assign(Object.prototype, { ondata: doNothing });
    try {
      expect(() => checkHandler(handlerWith())).not.toThrow();
    } finally {
      Reflect.deleteProperty(Object.prototype, 'ondata');
    }
  });

  test('has each getter read once at most', () => {
    const reads: string[] = [];
    const handler = {};
    for (const name of [...known, 'ondata', 'onMessage']) {
      Object.defineProperty(handler, name, {
        get() {
          reads.push(name);
          return name === 'ondata' ? undefined : doNothing;
        },
      });
    }
    checkHandler(handler);
    expect(reads.toSorted()).toEqual([...known, 'ondata'].toSorted());
  });
});

test('a class is refused where an instance is meant', () => {
  class Client {
    onConnect(): void {}
  }
  expect(() => checkHandler(Client)).toThrow(
    'handler: expected an object with the method onConnect, got a class (pass an instance)',
  );
  const Static = Object.assign(class extends Client {}, { onConnect: () => undefined });
  expect(() => checkHandler(Static)).not.toThrow();
});
