import { expect, test } from 'vitest';
import { ByKey, InOrder, Request } from '../../src/requests/request.js';

function request(timeout: number, key?: unknown): Request<string> {
  return new Request<string>(key, timeout);
}

test('requests in order: first come, first served, and the place of one that was not sent is closed', () => {
  const book = new InOrder<string>();
  const [a, b, c, d] = [request(1), request(2), request(3), request(4)];
  for (const each of [a, b, c]) book.add(each);
  book.remove(b);
  expect([...book]).toEqual([a, c]);
  expect([book.size, book.first]).toEqual([2, a]);
  book.remove(c);
  book.add(d);
  expect([book.take(), book.take(), book.take()]).toEqual([a, d, undefined]);
  book.add(a);
  expect([book.size, book.take(), book.size]).toEqual([1, a, 0]);
});

test('requests by key: one that was not sent makes no other disappear', () => {
  const book = new ByKey<string>();
  const [unsent, other] = [request(1, 'k'), request(1, 'k')];
  book.add(unsent);
  expect(book.take('k')).toBe(unsent);
  book.add(other);
  book.remove(unsent);
  expect(book.take('k')).toBe(other);
});
