import { describe, expect } from 'vitest';
import { it } from '../support/program.js';

const states = ['connecting', 'waiting'];

describe('a program in which one connection waits for the dial of another', () => {
  it('goes on for the one that waits', async ({ server, start }) => {
    const program = start('line', { port: server.port, dialling: false, waiting: true });
    expect(await program.until('acts')).toMatchObject({ states });
    expect(await program.until('connected')).toMatchObject({ name: 'waiting' });
    expect(await program.exit).toEqual({ code: 0, signal: null });
  });

  it('goes on for the one that dials, which lets the other one dial', async ({ server, start }) => {
    const program = start('line', { port: server.port, dialling: true, waiting: false });
    expect(await program.until('connected')).toMatchObject({ name: 'waiting' });
    expect(await program.exit).toEqual({ code: 0, signal: null });
  });

  it('ends if neither is to keep it alive', async ({ server, start }) => {
    const program = start('line', { port: server.port, dialling: false, waiting: false });
    expect(await program.until('acts')).toMatchObject({ states });
    expect(await program.exit).toEqual({ code: 0, signal: null });
    expect(program.count('connected')).toBe(0);
    expect(server.accepted).toBe(0);
  });
});
