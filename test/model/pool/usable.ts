import { internals } from '../../../src/connection/index.js';
import { isRetiring } from '../../../src/connection/life/retire.js';
import type { Connection, Handler, Pool } from '../../../src/index.js';
import type { PoolStandIns } from '../../../src/pool/stand-ins.js';

/** Whether its socket is up, whole and not about to go. */
export function isUp(connection: Connection): boolean {
  const { state, socket } = connection;
  if (isRetiring(internals(connection))) return false;
  return state === 'ready' && !socket.destroyed && !socket.readableEnded && !socket.writableEnded;
}

/** Whether it leaves its pool after its lease: nothing that a program can see says so. */
export function isLeaving(connection: Connection): boolean {
  return (internals(connection).owner as { isLeaving?: boolean }).isLeaving === true;
}

/** Whether discovery has opened it. */
export function isDiscovered(connection: Connection): boolean {
  return (internals(connection).owner as { isDiscovered?: boolean }).isDiscovered === true;
}

/** Whether it is there until another one is ready again. */
export function standsIn(connection: Connection): boolean {
  const { owner } = internals(connection);
  return (owner as unknown as { host: { standIns: PoolStandIns<Handler> } }).host.standIns.has(
    owner as never,
  );
}

/** Whether others stand in for it while it goes to another endpoint, as it was told. */
export function isMoving(connection: Connection): boolean {
  return internals(connection).dialer.failover.successors !== undefined;
}

/** Whether it counts as one that the pool has, and will go on to have. */
export function isStaying(connection: Connection): boolean {
  return connection.state !== 'closing' && connection.state !== 'closed' && !isLeaving(connection);
}

/** Why a connection of this pool must not be lent now, apart from who has it; nothing if it may be. */
export function whyNotLent(pool: Pool, connection: Connection): string | undefined {
  const { socket, state } = connection;
  if (connection.pool !== pool.name) return `it is of pool ${connection.pool}`;
  if (![...pool].includes(connection)) return 'it is not in the pool';
  if (state !== 'ready') return `it is ${state}`;
  if (socket.destroyed) return 'its socket is destroyed';
  if (socket.readableEnded || socket.writableEnded) return 'it is half closed';
  if (isLeaving(connection)) return 'it is leaving';
  if (isRetiring(internals(connection))) return 'it retires';
  if (socket.readableLength > 0) return `${socket.readableLength} bytes wait to be read`;
  return undefined;
}

/** The lowest number of a priority of which some connection is ready. */
export function activePriority(pool: Pool): number {
  const ready = pool.stats().endpoints.filter((each) => each.ready > 0);
  return Math.min(...ready.map(({ priority }) => priority));
}

/** The priority of a connection's endpoint. */
export function priorityOf(pool: Pool, { endpoint }: Connection): number | undefined {
  const { port } = endpoint;
  return pool.stats().endpoints.find((each) => each.endpoint.port === port)?.priority;
}
