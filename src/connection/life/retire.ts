import { optionalError } from '../../primitives/checks.js';
import { requestsOf } from './attached-requests.js';
import { canRetire, Retirement, type RetiringHost } from './retirement.js';

/** How a connection leaves for good. */
export interface Leaving {
  readonly drain?: number | undefined;
  readonly grace?: number | undefined;
  readonly reason?: Error | undefined;
}

/** Only connections whose present life retires, or has been asked to, have an entry: the others take no memory for it. */
const retirements: WeakMap<object, Retirement> = new WeakMap();

function retirementOf(host: RetiringHost): Retirement {
  let retirement = retirements.get(host);
  if (!retirement) retirements.set(host, (retirement = new Retirement(host)));
  return retirement;
}

/** Whether the present life of a connection retires: it is not picked or leased any more. */
export function isRetiring(connection: object): boolean {
  const stage = retirements.get(connection)?.stage;
  return stage === 'retiring' || stage === 'ended';
}

/** Retires the present life. Resolves when it is over: at once where there is none. */
export function retire(host: RetiringHost, reason: Error | undefined): Promise<void> {
  optionalError('reason', reason);
  const { presentLife, state } = host;
  if (!presentLife) return Promise.resolve();
  const retirement = retirementOf(host);
  // Nothing is under way but the handshake.
  if (state === 'handshaking') presentLife.end('retired', reason);
  else if (canRetire(host)) retirement.ask('retired', reason);
  return retirement.whenOver;
}

/** The present life is over its `maxAge`. */
export function retireForAge(host: RetiringHost): void {
  if (host.presentLife && canRetire(host) && !retirements.has(host)) retirementOf(host).ask('max-age');
}

/** It is the turn of a life that was asked to retire. */
export function retireInTurn(connection: object): void {
  retirements.get(connection)?.beginInTurn();
}

/** A lease on the connection is over. */
export function leaseOver(connection: object): void {
  retirements.get(connection)?.look();
}

/**
 * Closes a connection: at once, or once nothing is under way, but at the latest after `drain`. `lingers` says whether users may
 * remain that nothing counts. The times of a later call replace those of an earlier one.
 */
export function leave(host: RetiringHost, { drain = 0, grace, reason }: Leaving, lingers: boolean): void {
  if (drain === 0 || !canRetire(host) || !(lingers || isInUse(host))) {
    host.close('disconnect', reason, grace);
    return;
  }
  const retirement = retirementOf(host);
  retirement.code = 'disconnect';
  retirement.reason = reason ?? retirement.reason;
  retirement.grace = grace;
  host.owner.mayRetire?.(host.face, 'disconnect');
  retirement.begin(drain, lingers);
}

/** Whether something may be under way, or the handler wants to be told. */
function isInUse(host: RetiringHost): boolean {
  return host.owner.isLent === true || host.handler.onRetire !== undefined || requestsOf(host) !== undefined;
}

/** The socket is closed: a connection that was to leave after this life leaves now. */
export function leaveWithLife(host: RetiringHost): void {
  const retirement = retirements.get(host);
  if (retirement?.code === 'disconnect') host.close('disconnect', retirement.reason, retirement.grace);
}

/** The present life is over: forgets its retirement. What it returns is to be called when all have been told. */
export function takeRetirement(host: object): Pick<Retirement, 'isOver'> | undefined {
  const retirement = retirements.get(host);
  retirements.delete(host);
  return retirement;
}
