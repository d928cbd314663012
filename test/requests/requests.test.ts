import { describe, expect } from 'vitest';
import {
  ClosedError,
  LifeEndedError,
  OptionError,
  QueueFullError,
  Requests,
  TimeoutError,
  type Connection,
  type ConnectionManager,
  type RequestOptions,
} from '../../src/index.js';
import type { FaultServer } from '../../src/testing/index.js';
import { silent } from '../../src/testing/index.js';
import { it } from '../support/fixtures.js';
import { LineClient } from './line-client.js';

interface Opened {
  readonly client: LineClient;
  readonly requests: Requests<string>;
  readonly connection: Connection<LineClient>;
}

async function open(
  manager: ConnectionManager,
  server: FaultServer,
  options?: RequestOptions,
): Promise<Opened> {
  const client = new LineClient(options);
  const { requests } = client;
  const connection = manager.connect(server.port, server.host, client);
  requests.attach(connection);
  await connection.ready();
  return { client, requests, connection };
}

/** What became of a promise. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return error;
  }
}

describe('requests in order', () => {
  it('get their answers in order', async ({ manager, server }) => {
    const { requests } = await open(manager, server);
    const answers = ['a', 'b', 'c'].map((text) => requests.send(`${text}\n`));
    expect(requests.pending).toBe(3);
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c']);
    expect(requests.pending).toBe(0);
  });

  it('are rejected at the end of their life, with its reset', async ({ manager, server }) => {
    server.script(silent());
    const { requests, connection } = await open(manager, server);
    const sent = [requests.send('a\n'), requests.send('b\n')].map(outcome);
    (await server.accept(1)).reset();
    const [error] = await Promise.all(sent);
    expect(error).toBeInstanceOf(LifeEndedError);
    expect(error).toMatchObject({ reset: { life: 1, code: 'error' }, cause: { code: 'ECONNRESET' } });
    expect(requests).toMatchObject({ pending: 0, lost: 2 });
    expect(connection.stats().requests).toEqual({ pending: 0, lost: 2, timedOut: 0, late: 0 });
  });
});
void [ClosedError, OptionError, QueueFullError, TimeoutError];
