import type { Server } from 'node:net';
import { describe, expect } from 'vitest';
import { server as modbusServer } from 'jsmodbus';
import { connectModbus } from '../../examples/clients/jsmodbus.js';
import { it } from '../support/fixtures.js';
import { Cutter } from './cutter.js';
import { liveThrough, type Subject } from './drops.js';
import { expectPersistence, report, soon } from './expectations.js';
import { Peer } from './peer.js';

function serve(server: Server): unknown {
  return new modbusServer.TCP(server, { holding: Buffer.alloc(200) });
}

/** Writes a register, and reads it. */
function modbusOver({ port, host }: { readonly port: number; readonly host: string }): Subject {
  const { connection, modbus } = connectModbus(port, host, soon);
  const ask = async (value: string): Promise<string> => {
    const register = Number(value) % 100;
    await modbus.writeSingleRegister(register, Number(value));
    const { response } = await modbus.readHoldingRegisters(register, 1);
    return String(response.body.values[0]);
  };
  return { connection, ready: () => connection.ready(), ask };
}

describe('jsmodbus', () => {
  it('lives through 20 drops with one client', async () => {
    await using peer = await Peer.start(serve);
    const subject = modbusOver(peer);
    const { connection } = subject;
    const local = [() => connection.socket.destroy(), () => connection.reset()];
    const account = await liveThrough(subject, [...peer.drops(6), ...local]);
    await connection.disconnect();
    report('jsmodbus', 'keep', account);
    expectPersistence(account);
    expect(account.dropped.rejected).toBeGreaterThan(0);
  });

  it('loses no more than what was under way when an answer is cut in two', async () => {
    await using peer = await Peer.start(serve);
    await using cutter = await Cutter.start(peer);
    const subject = modbusOver(cutter);
    const account = await liveThrough(subject, cutter.drops());
    await subject.connection.disconnect();
    report('jsmodbus, cut', 'keep', account);
    expectPersistence(account);
  });
});
