import { describe, expect } from 'vitest';
import { constant, FatalError, HandshakeError, type PoolOptions } from '../../src/index.js';
import { it, nextTurn, until } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

const options: PoolOptions<Recorder> = { backoff: constant(5) };

/** Its logins end after a turn, as `login` says. */
class LogsIn extends Recorder {
  readonly #login: () => Error | undefined;

  constructor(login: () => Error | undefined) {
    super();
    this.#login = login;
  }

  override async onConnect(socket: never): Promise<void> {
    void super.onConnect(socket);
    await nextTurn();
    const refusal = this.#login();
    if (refusal) throw refusal;
  }

  override async onReconnect(socket: never): Promise<void> {
    void super.onReconnect(socket);
    await nextTurn();
    const refusal = this.#login();
    if (refusal) throw refusal;
  }
}

describe('a verdict in a pool', () => {
  it('that is fatal holds for all that wait with the same factory and endpoint', async ({
    server,
    manager,
  }) => {
    let logins = 0;
    const handlers: Recorder[] = [];
    const pool = manager.createPool<Recorder>(
      'refused',
      () => {
        const handler = new LogsIn(() => {
          logins += 1;
          return new FatalError('wrong password');
        });
        handlers.push(handler);
        return handler;
      },
      options,
    );
    const other = manager.createPool<Recorder>('other', () => new LogsIn(() => undefined), options);
    for (let index = 0; index < 10; index += 1) pool.addConnection(server.port, server.host);
    other.addConnection(server.port, server.host);
    await until(() => pool.size === 0);
    expect(logins).toBeLessThanOrEqual(2);
    for (const { closings } of handlers) {
      expect(closings).toHaveLength(1);
      expect(closings[0]).toMatchObject({ code: 'fatal' });
      expect(closings[0]?.error).toBeInstanceOf(HandshakeError);
      expect(closings[0]?.error).toHaveProperty('message', expect.stringMatching(/wrong password$/));
    }
    await other.ready();
    expect(other.size).toBe(1);
  });

  it('counts refused handshakes for all of them together: maxAttempts', async ({ server, manager }) => {
    let logins = 0;
    const login = (): Error => {
      logins += 1;
      return new Error('wrong password');
    };
    const pool = manager.createPool<Recorder>('p', () => new LogsIn(login), { ...options, maxAttempts: 3 });
    for (let index = 0; index < 10; index += 1) pool.addConnection(server.port, server.host);
    await until(() => pool.size === 0);
    expect(logins).toBe(3);
    await expect(pool.acquire()).rejects.toThrow(/wrong password$/);
  });

  it('begins to count again when a handshake is done', async ({ server, manager }) => {
    const outcomes = [false, false, true];
    let logins = 0;
    const login = (): Error | undefined => {
      logins += 1;
      return outcomes[logins - 1] === false ? new Error('busy') : undefined;
    };
    const pool = manager.createPool<Recorder>('p', () => new LogsIn(login), { ...options, maxAttempts: 3 });
    for (let index = 0; index < 4; index += 1) pool.addConnection(server.port, server.host);
    await pool.ready();
    expect(pool.size).toBe(4);
    expect(logins).toBe(6);
  });

  it('does not touch those that are ready', async ({ server, manager }) => {
    let isRefused = false;
    const login = (): Error | undefined =>
      isRefused ? new FatalError('the password has changed') : undefined;
    const pool = manager.createPool<Recorder>('p', () => new LogsIn(login), options);
    for (let index = 0; index < 3; index += 1) pool.addConnection(server.port, server.host);
    await pool.ready();
    isRefused = true;
    server.connections[0]?.end();
    await until(() => pool.size === 2);
    expect(pool.readyCount).toBe(2);
    expect(pool.pick().state).toBe('ready');
  });
});
