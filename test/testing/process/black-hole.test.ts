import { expect } from 'vitest';
import { OptionError } from '../../../src/primitives/errors.js';
import { startBlackHole } from '../../../src/testing/index.js';
import { dial, expectNoHandles, handles, test, turns } from '../client.js';

expectNoHandles();

test('dials hang, every one of them', async () => {
  await using hole = await startBlackHole();
  const clients = [dial(hole), dial(hole), dial(hole), dial(hole)];
  await turns(2_000);
  expect(clients.map(({ events }) => events)).toEqual([[], [], [], []]);
  expect(clients.every(({ socket }) => socket.connecting)).toBe(true);
});

test('open() makes a healthy server of it, for new dials and for those that hang', async () => {
  await using hole = await startBlackHole();
  const early = dial(hole);
  early.socket.write('early');
  await turns(100);
  expect(early.events).toEqual([]);
  await hole.open();
  await hole.open();
  const late = dial(hole);
  late.socket.write('late');
  const inOrder = [late.read(4), early.read(5)];
  expect(await Promise.race(inOrder)).toBe('late');
  expect(await Promise.all(inOrder)).toEqual(['late', 'early']);
});

test('close() leaves nothing behind', async () => {
  const before = handles();
  const hole = await startBlackHole();
  expect(hole.close()).toBe(hole.close());
  await hole.close();
  expect(handles()).toEqual(before);
  expect(() => process.kill(hole.pid, 0)).toThrow('ESRCH');
  expect(await dial(hole).closed).toEqual(['ECONNREFUSED', 'close']);
});

test.each([{ port: 65_536 }, { host: '' }, { backlog: 2 }])(
  'the options %o are refused at the call',
  (options) => {
    expect(() => startBlackHole(Object(options))).toThrow(OptionError);
  },
);
