import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect } from 'vitest';
import { it, until } from '../../support/fixtures.js';
import { SocketProbe } from '../../support/socket-probe.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The error of the last dial or life, for which the probe itself no longer has any use. */
function takeError(probe: SocketProbe): WeakRef<Error> {
  const { error } = probe.losses.at(-1) ?? {};
  if (!error) throw new Error('expected an error');
  probe.losses.length = 0;
  probe.dials = 0;
  return new WeakRef(error);
}

function isFreed(error: WeakRef<Error>): boolean {
  collect();
  return error.deref() === undefined;
}

describe('a socket that is connected again', () => {
  it('does not hold the error of a dial that failed', async ({ server }) => {
    const probe = new SocketProbe();
    await server.refuse();
    await probe.dial(server);
    const error = takeError(probe);
    await server.listen();
    await probe.dial(server);
    await until(() => isFreed(error));
    expect(probe.lives).toBe(1);
    expect(probe.socket.errored).toBe(null);
  });

  it('does not hold the error of a life that was lost', async ({ server }) => {
    const probe = new SocketProbe({}, true);
    await probe.dial(server);
    await server.accept(1);
    server.dropAll('reset');
    await probe.closed();
    const error = takeError(probe);
    await probe.dial(server);
    await until(() => isFreed(error));
    expect(probe.lives).toBe(2);
    expect(probe.socket.errored).toBe(null);
  });

  it('tells the error until then', async ({ server }) => {
    const probe = new SocketProbe();
    await server.refuse();
    await probe.dial(server);
    expect(probe.socket.errored).toBe(probe.losses.at(-1)?.error);
  });
});
