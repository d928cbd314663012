import { expect } from 'vitest';
import { until } from '../support/fixtures.js';
import { it } from '../support/program.js';

const told = (message: string): object => ({
  event: 'warning',
  name: 'ConnmanWarning',
  code: 'CONNMAN_GAVE_UP',
  message,
});

it.for([
  ['fatal', 'wrong password', '(fatal)'],
  ['attempts', 'ECONNREFUSED', '(gave-up)'],
])(
  'a program is warned once of connections that gave up unheard: %s',
  async ([way, cause, code], { server, start }) => {
    const { port, host } = server;
    const program = start('gives-up', { port, host, ways: [way, way] });
    expect(await program.exit).toEqual({ code: 0, signal: null });
    const [warning, ...others] = program.told.filter(({ event }) => event === 'warning');
    expect(others).toEqual([]);
    expect(warning).toEqual(
      told(expect.stringContaining(`has given up ${code}, and its handler has no onClose`) as string),
    );
    expect(warning).toMatchObject({ message: expect.stringContaining(cause as string) as string });
  },
);

it('a program is not warned where it is told, or has ended the connection itself', async ({
  server,
  start,
}) => {
  const { port, host } = server;
  const ways = ['listens', 'waits', 'pooled', 'disconnects', 'aborts'];
  const program = start('gives-up', { port, host, ways });
  await until(() => server.accepted >= 3);
  expect(await program.exit).toEqual({ code: 0, signal: null });
  expect(program.told).toEqual([]);
});
