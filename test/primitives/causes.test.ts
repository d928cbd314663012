import { describe, expect, test } from 'vitest';
import { FatalError } from '../../src/index.js';
import { isFatal, rootCause, rootCode, withCause } from '../../src/primitives/causes.js';

const fatal = new FatalError('wrong password');
const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });

function ring(): Error {
  const first: Error & { cause?: unknown; errors?: unknown } = new Error('first');
  const second = new Error('second', { cause: first });
  return Object.assign(first, { cause: second, errors: [first, second] });
}

describe('a fatal error is', () => {
  test.each<[what: string, error: unknown, is: boolean]>([
    ['one itself', fatal, true],
    ['one of another copy', { code: 'CONNMAN_FATAL' }, true],
    ['a cause', new Error('a', { cause: new Error('b', { cause: fatal }) }), true],
    ['one of several', new AggregateError([refused, fatal]), true],
    ['the cause of one of several', new AggregateError([new Error('a', { cause: fatal })]), true],
    ['one of several in the causes', new Error('a', { cause: new AggregateError([fatal]) }), true],
    ['several in several', new AggregateError([refused, new AggregateError([fatal])]), true],
    ['beside a cause', Object.assign(new AggregateError([fatal]), { cause: refused }), true],
    ['no other', new AggregateError([refused], 'all failed', { cause: refused }), false],
    ['no ring', ring(), false],
    ['no word', 'CONNMAN_FATAL', false],
    ['nothing', undefined, false],
    ['no null', null, false],
    ['no list that is none', { errors: 'CONNMAN_FATAL' }, false],
  ])('%s', (_, error, is) => {
    expect(isFatal(error)).toBe(is);
  });
});

describe('the root of a failure is', () => {
  test('the last cause, or the fatal one of several', () => {
    expect(rootCause(new Error('a', { cause: refused }))).toBe(refused);
    expect(rootCode(new Error('a', { cause: refused }))).toBe('ECONNREFUSED');
    const all = new AggregateError([refused, fatal], 'all failed');
    expect(rootCause(all)).toBe(fatal);
    expect(rootCode(all)).toBe('CONNMAN_FATAL');
    expect(withCause('no login', all)).toBe('no login: all failed: wrong password');
  });

  test('found in what cannot be read', () => {
    const broken = {
      get code(): never {
        throw new Error('no code');
      },
      cause: refused,
    };
    expect(rootCode(broken)).toBe('ECONNREFUSED');
    expect(isFatal(broken)).toBe(false);
  });
});
