import { expect, it } from 'vitest';
import { Output } from '../../src/cli/shell/output.js';

const green = '\u001B[32mup\u001B[39m';

it.each([
  [true, {}, green],
  [true, { NO_COLOR: '' }, green],
  [true, { NO_COLOR: '1' }, 'up'],
  [true, { NO_COLOR: '0' }, 'up'],
  [true, { TERM: 'dumb' }, 'up'],
  [true, { TERM: 'xterm-256color' }, green],
  [false, {}, 'up'],
  [undefined, {}, 'up'],
])('colours are for terminals that want them: %o, %o', (isTTY, environment, painted) => {
  const stream = { isTTY } as NodeJS.WriteStream;
  expect(new Output(stream, environment).paint('green', 'up')).toBe(painted);
});
