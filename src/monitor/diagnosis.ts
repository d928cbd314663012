import { kinds, states, type Kind } from './kinds.js';
import type { Server } from './server.js';

const ill: ReadonlySet<Kind> = new Set(kinds.slice(0, kinds.indexOf('up')));

/** For that long a server is said to flap after the last loss, in milliseconds. */
const flapWindow = 30_000;
/** How many losses in that time, each after a new beginning, are flapping. */
const flaps = 3;
/** A server that a connection has left for another one is said to be down for that long, in milliseconds. */
const leftWindow = 30_000;

export function isIll(kind: Kind): boolean {
  return ill.has(kind);
}

/** What is wrong with a server. */
export function diagnose(server: Server, at: number): Kind {
  const { size, ready, state, trouble, slowness } = server;
  if (size === 0) return diagnoseEmpty(server, at);
  if (isFlapping(server, at)) return 'flapping';
  if (ready > 0 && slowness?.state === states.silent) return 'frozen';
  if (ready === size) return slowness ? 'slow' : 'up';
  if (ready > 0) return trouble ? 'degraded' : 'up';
  if (!trouble) return 'new';
  if (state === states.silent) return 'frozen';
  return trouble.kind === 'refused' ? 'refusing' : 'down';
}

/** The losses of the last half minute, each of a life that began after an earlier loss. */
export function recentLosses({ losses }: Pick<Server, 'losses'>, at: number): readonly number[] {
  return losses.filter((loss) => at - loss < flapWindow);
}

function isFlapping(server: Server, at: number): boolean {
  return recentLosses(server, at).length >= flaps && server.state !== states.silent;
}

function diagnoseEmpty({ trouble, troubleAt, leftFor }: Server, at: number): Kind {
  if (!trouble || leftFor === undefined) return 'gone';
  return at - troubleAt < leftWindow ? 'down' : 'left';
}
