import { afterEach, beforeEach, describe, expect } from 'vitest';
import type { ConnectionOptions } from '../../../src/index.js';
import { startFaultServer, type FaultServerOptions } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { it } from '../../support/fixtures.js';
import { repeat } from '../../support/repeat.js';
import { Course, script } from './course.js';
import { modes } from './modes.js';
import { heldPlan, plansOf, type Plan } from './plan.js';
import { Program } from './program.js';

interface Transport {
  readonly name: string;
  readonly server: (path: string) => Promise<FaultServerOptions>;
  readonly options: () => Promise<ConnectionOptions>;
}

const transports: readonly Transport[] = [
  { name: 'TCP', server: async () => ({}), options: async () => ({}) },
  {
    name: 'TCP, each write at once',
    server: async () => ({}),
    options: async () => ({ autoCork: false }),
  },
  { name: 'Unix', server: async (path) => ({ path }), options: async () => ({}) },
  {
    name: 'TLS',
    server: async () => ({ tls: (await certificates()).localhost }),
    options: async () => ({ tls: { ca: (await certificates()).ca } }),
  },
];

/** Enough for every way to end a life. */
const lives = 20;
const plans = plansOf(lives);

const warnings: Error[] = [];
const warned = (warning: Error & { code?: string }): void => {
  // The program tries to write before the first life.
  if (warning.code !== 'CONNMAN_NOT_READY') warnings.push(warning);
};
beforeEach(() => void process.on('warning', warned));
afterEach(() => {
  process.off('warning', warned);
  expect(warnings.splice(0)).toEqual([]);
});

describe.for(transports.map((transport) => [transport.name, transport] as const))(
  'over %s',
  ([, transport]) => {
    const rows = modes.map((mode) => [mode.name, mode] as const);

    it.for(rows)(
      `every byte belongs to its life, of ${lives}: %s`,
      async ([, mode], { manager, socketPath }) => {
        const options = await transport.server(socketPath);
        await using server = await startFaultServer({ ...options, script: (n) => script(plans[n - 1]) });
        const program = new Program(manager, server.endpoint, mode, plans, await transport.options());
        await repeat(lives, (index) => new Course(mode, server, program, plans[index] as Plan).run());
        expect(program.wrong).toEqual([]);
        const [first] = program.listeners;
        for (const counts of program.listeners) expect(counts).toEqual(first);
        expect(program.lives).toHaveLength(lives);
        expect(server.accepted).toBe(lives);
      },
    );

    it.for(rows)(
      'disconnect() ends all reading, bytes unread or not: %s',
      async ([, mode], { manager, socketPath }) => {
        const plan = heldPlan();
        const options = await transport.server(socketPath);
        await using server = await startFaultServer({ ...options, script: () => script(plan) });
        const program = new Program(manager, server.endpoint, mode, [plan], await transport.options());
        const course = new Course(mode, server, program, plan);
        await course.run();
        await course.expectSilence();
        expect(program.wrong).toEqual([]);
        expect(program.connection.state).toBe('closed');
      },
    );
  },
);
