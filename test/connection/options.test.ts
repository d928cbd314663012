import { createSecureContext } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { dialOptions } from '../../src/connection/dial/dial-options.js';
import { resolveOptions } from '../../src/connection/options/options.js';
import type { ResolvedTls } from '../../src/connection/tls/options.js';
import type { Connection, ConnectionOptions, ManagedSocket } from '../../src/index.js';
import { unchecked } from '../support/call.js';

/** An object whose members are what they were at first only once. */
function changing<T extends object>(members: T): T {
  const object = {};
  for (const [name, value] of Object.entries(members)) {
    let reads = 0;
    Object.defineProperty(object, name, {
      enumerable: true,
      get: () => (reads++ < 2 ? (value as unknown) : 'changed'),
    });
  }
  return object as T;
}

describe('what was checked is what is used', () => {
  test('of a heartbeat, whose ping is called on it', () => {
    const pinged: unknown[] = [];
    const given = {
      interval: 5,
      timeout: 6,
      ping(this: unknown) {
        pinged.push(this);
      },
    };
    const { liveness } = resolveOptions({ heartbeat: given });
    Object.assign(given, { interval: NaN, timeout: -1 });
    expect(liveness).toMatchObject({
      limits: { interval: 5, timeout: 6 },
      heartbeat: { interval: 5, timeout: 6 },
    });
    void liveness?.heartbeat?.ping(unchecked<ManagedSocket>(undefined), unchecked<Connection>(undefined));
    expect(pinged).toEqual([given]);
  });

  test('of a heartbeat that is an instance of a class', () => {
    class Beat {
      interval = 5;
      ping(): void {}
    }
    expect(resolveOptions({ heartbeat: new Beat() }).liveness?.limits).toMatchObject({
      interval: 5,
      timeout: 5,
    });
  });

  test('of onread', () => {
    const onread = changing({ buffer: Buffer.alloc(1), callback: (): boolean => true });
    const { socket } = resolveOptions({ onread });
    expect(onread.buffer).toBe('changed');
    expect(socket.onread).toMatchObject({ buffer: Buffer.alloc(1), callback: expect.any(Function) });
  });

  test('of the names of protocols, in text or bytes', () => {
    const names: (string | Uint8Array)[] = ['h2', Buffer.from('x')];
    const { tls } = resolveOptions(unchecked<ConnectionOptions>({ tls: { ALPNProtocols: names } }));
    names[0] = 'changed';
    expect((tls as ResolvedTls).ALPNProtocols).toEqual(Buffer.from('\u0002h2\u0001x'));
    const bytes = Buffer.from('\u0002h2');
    const resolved = resolveOptions({ tls: { ALPNProtocols: bytes } });
    bytes.fill(9);
    expect((resolved.tls as ResolvedTls).ALPNProtocols).toEqual(Buffer.from('\u0002h2'));
  });

  test('of a secure context', () => {
    const given = createSecureContext();
    const context = given.context as unknown;
    const { tls } = resolveOptions({ tls: { secureContext: given } });
    given.context = unchecked({});
    expect((tls as ResolvedTls).secureContext?.context).toBe(context);
  });
});

test('to a path goes nothing but the path', () => {
  const options = resolveOptions({ localAddress: '127.0.0.1' });
  const to = dialOptions({ path: '/x' }, options, { phase: 'connect', isCurrent: true });
  expect(Object.entries(to).filter(([, value]) => value !== undefined)).toEqual([['path', '/x']]);
});
