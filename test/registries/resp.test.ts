import { afterEach, expect, it, vi } from 'vitest';
import type { IncomingMessage } from 'node:http';
import { linesOf } from '../../src/registries/http.js';
import { RespReader, type RespValue } from '../../src/registries/resp.js';

const all = '+OK\r\n:-5\r\n*3\r\n$3\r\na\r\n\r\n*2\r\n*0\r\n$-1\r\n:7\r\n*-1\r\n$0\r\n\r\n';
const values: readonly RespValue[] = ['OK', -5, ['a\r\n', [[], null], 7], null, ''];

afterEach(() => {
  vi.restoreAllMocks();
});

/** The values in these bytes, which come in pieces of this size. */
function read(text: string, size: number): RespValue[] {
  const reader = new RespReader();
  const bytes = Buffer.from(text);
  const found: RespValue[] = [];
  for (let at = 0; at < bytes.length; at += size) found.push(...reader.read(bytes.subarray(at, at + size)));
  return found;
}

it.for([1, 2, 3, 7, 1_000])('reads values, however they are cut: by %i', (size) => {
  expect(read(all, size)).toEqual(values);
});

it.for([
  ['HTTP/1.1 400 Bad\r\n', 'not in the protocol'],
  ['$99999999\r\n', 'not in the protocol'],
  ['*1\r\n'.repeat(9), 'not in the protocol'],
  [`*9\r\n+${'x'.repeat(3_000_000)}\r\n+${'x'.repeat(2_000_000)}`, 'more than 4194304 bytes'],
] as const)('refuses what is none, and what is too long (%#)', ([text, said]) => {
  expect(() => read(text, 1_000_000)).toThrow(said);
});

it('reads each item of a long list once', () => {
  const looks = vi.spyOn(Buffer.prototype, 'indexOf');
  expect(read(`*1000\r\n${':1\r\n'.repeat(1_000)}`, 10)[0]).toHaveLength(1_000);
  expect(looks.mock.calls.length).toBeLessThan(1_001 + 2 * 401);
});

it('looks for the end of a long line once', async () => {
  const split = vi.spyOn(String.prototype, 'split');
  const pieces = [...Array.from({ length: 100 }, () => 'x'.repeat(10)), '\na\nb', 'c\n'];
  const response = { setEncoding: () => pieces } as unknown as IncomingMessage;
  const lines: string[] = [];
  for await (const line of linesOf(response, 2_000)) lines.push(line);
  expect(lines).toEqual(['x'.repeat(1_000), 'a', 'bc']);
  expect(split.mock.calls.length).toBe(2);
});
