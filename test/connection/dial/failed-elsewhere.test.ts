import { describe, expect, test } from 'vitest';
import { constant, DialError, TimeoutError, type ConnectionOptions } from '../../../src/index.js';
import type { DialerHost } from '../../../src/connection/dial/dialer-host.js';
import { failsAlike, hasFailedElsewhere } from '../../../src/connection/dial/failed-elsewhere.js';
import { resolveOptions } from '../../../src/connection/index.js';
import { ConnectionRecord } from '../../../src/connection/stats/record.js';
import type { DialPhase } from '../../../src/primitives/errors.js';

const endpoint = { host: 'a.test', port: 1 };
const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });

function failure(phase: DialPhase, cause: Error = lost): DialError {
  return new DialError('failed', { endpoint, phase, cause });
}

const prelude = async (): Promise<void> => {};
const tls = (): true => true;

describe('a dial fails as another one has', () => {
  test.each<[what: string, error: DialError, theirs: ConnectionOptions, own: ConnectionOptions, is: boolean]>(
    [
      ['if it was refused', failure('connect'), { connectTimeout: 5 }, {}, true],
      [
        'not if it has more time',
        failure('connect', new TimeoutError('late', 5)),
        { connectTimeout: 5 },
        {},
        false,
      ],
      [
        'if it has no more time',
        failure('connect', new TimeoutError('late', 5)),
        {},
        { connectTimeout: 5 },
        true,
      ],
      [
        'if it asks for the same by TLS',
        failure('tls'),
        { tls: { servername: 'a' } },
        { tls: { servername: 'a' } },
        true,
      ],
      [
        'not if it asks for something else',
        failure('tls'),
        { tls: { servername: 'a' } },
        { tls: true },
        false,
      ],
      ['if TLS was not reached', failure('connect'), { tls: { servername: 'a' } }, { tls: true }, true],
      ['if the same function gives its TLS', failure('tls'), { tls }, { tls }, true],
      ['not if another one does', failure('tls'), { tls }, { tls: () => true }, false],
      ['not if it begins otherwise', failure('tls'), { tls: true, prelude }, { tls: true }, false],
    ],
  )('%s', (_, error, theirs, own, is) => {
    expect(failsAlike(error, resolveOptions(theirs), resolveOptions(own))).toBe(is);
  });
});

describe('a failure elsewhere', () => {
  const backoff = constant(50);

  function hear(
    theirs: ConnectionOptions,
    own: ConnectionOptions,
    error = failure('connect'),
    times = 5,
  ): object {
    const record = new ConnectionRecord();
    const host = {
      options: resolveOptions(own),
      record,
      endpoint,
      state: 'waiting',
      stopped: () => (host.state = 'closed'),
    };
    let goesOn = true;
    for (let time = 0; time < times && goesOn; time += 1) {
      goesOn = hasFailedElsewhere(host as unknown as DialerHost, error, resolveOptions(theirs));
    }
    return {
      goesOn,
      inRow: record.failuresInRow,
      state: host.state,
      isKnown: record.lastDialError === error,
    };
  }

  test('uses up the attempts of those who would have dialled as often', () => {
    const seen = hear({ backoff }, { backoff, maxAttempts: 3 });
    expect(seen).toEqual({ goesOn: false, inRow: 3, state: 'closed', isKnown: true });
  });

  test('does not use up those of one with another backoff, which may look elsewhere', () => {
    const seen = hear({ backoff }, { maxAttempts: 3 });
    expect(seen).toEqual({ goesOn: true, inRow: 0, state: 'waiting', isKnown: true });
  });

  test('is nothing to one whose dial would not have failed', () => {
    const error = failure('connect', new TimeoutError('late', 5));
    const seen = hear({ backoff, connectTimeout: 5 }, { backoff, maxAttempts: 3 }, error);
    expect(seen).toEqual({ goesOn: false, inRow: 0, state: 'waiting', isKnown: false });
  });
});
