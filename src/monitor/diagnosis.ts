import { kinds, states, type Kind } from './kinds.js';
import type { Server } from './server.js';

const ill: ReadonlySet<Kind> = new Set(kinds.slice(0, kinds.indexOf('up')));

/** A server that a connection has left for another one is said to be down for that long, in milliseconds. */
const leftWindow = 30_000;

export function isIll(kind: Kind): boolean {
  return ill.has(kind);
}

/** What is wrong with a server. */
export function diagnose(server: Server, at: number): Kind {
  const { size, ready, state, trouble, slowness } = server;
  if (size === 0) return diagnoseEmpty(server, at);
  if (server.flaps.at(at) && state !== states.silent) return 'flapping';
  if (ready > 0 && slowness?.state === states.silent) return 'frozen';
  if (ready === size) return slowness ? 'slow' : 'up';
  if (ready > 0) return trouble ? 'degraded' : 'up';
  if (!trouble) return 'new';
  if (state === states.silent) return 'frozen';
  return trouble.kind === 'refused' ? 'refusing' : 'down';
}

function diagnoseEmpty({ trouble, troubleAt, leftFor }: Server, at: number): Kind {
  if (!trouble || leftFor === undefined) return 'gone';
  return at - troubleAt < leftWindow ? 'down' : 'left';
}
