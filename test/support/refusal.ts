import { expect } from 'vitest';
import { ConnmanError, OptionError, type ConnectionManager } from '../../src/index.js';
import type { FaultServer } from '../../src/testing/index.js';
import { handler } from './bad-arguments.js';
import { turns } from './repeat.js';

/** The error with which something is refused. */
export function refusal(attempt: () => unknown): Error {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Error) return error;
    expect.fail('what was thrown is no Error');
  }
  return expect.fail('nothing was thrown');
}

/** Fails unless each wrong value is refused with a complete `OptionError` about `option`. */
export function expectOptionErrors(
  option: string,
  wrong: readonly unknown[],
  attempt: (value: unknown) => unknown,
): void {
  expect(wrong).not.toHaveLength(0);
  for (const value of wrong) {
    const error = refusal(() => attempt(value));
    for (const type of [OptionError, TypeError, ConnmanError]) expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ name: 'OptionError', code: 'CONNMAN_OPTION', option });
    const [before, expected, got] = error.message.split(/: expected |, got /);
    expect(before).toBe(option);
    expect(expected).toMatch(/^\S.*\S$/);
    expect(got).toMatch(/^\S+/);
  }
}

/** Fails if anything has been dialled so far, or if the manager cannot be used as ever. */
export async function expectNothingDialled(server: FaultServer, manager: ConnectionManager): Promise<void> {
  await turns(5);
  expect(server.accepted).toBe(0);
  await manager.connect(server.port, server.host, handler).ready();
  expect(server.accepted).toBe(1);
}
