import type { HandshakeError } from '../primitives/errors.js';
import { endedBy, leadsOn } from './dial/blame.js';
import type { Dialer } from './dial/dialer.js';
import type { WeighedLoss } from './dial/weighed-loss.js';
import type { DialerHost } from './dial/dialer-host.js';
import type { Life } from './life/life.js';
import { resetCode } from './life/reset.js';
import type { LinkClosed } from './socket/link.js';
import type { ResetCode } from './stats/counters.js';
import { judge, type Stop } from './dial/stop.js';

/** What the end of a life means for its connection. */
export interface Loss extends WeighedLoss {
  readonly code: ResetCode;
  /** How many dials and handshakes have failed in a row with this one; 0 where the handshake has not failed. */
  readonly attempts: number;
  /** Why no dial follows, if none does. */
  readonly stop: Stop | undefined;
}

/** Weighs the end of a life. It asks `shouldRetry` and the backoff, which are user code: so it comes before the change. */
export function weighLoss(host: DialerHost, dialer: Dialer, life: Life, closed: LinkClosed): Loss {
  const { endpoint, state } = host;
  const { uptime, verdict } = life;
  const { bytesRead } = host.link.current;
  const code = resetCode(closed, verdict);
  const seemsBy = endedBy(code, closed, { wasReady: state === 'ready', hasRead: bytesRead > 0 });
  // Many servers end the link where a login is refused.
  const isLost = seemsBy === 'endpoint' && (code === 'remote-end' || code === 'error');
  const isOwn = isLost && state === 'handshaking' && dialer.failover.gate.isOfOwner(dialer);
  const by = isOwn ? 'owner' : seemsBy;
  const movesOn = leadsOn(code, closed, uptime >= host.options.stableAfter, verdict?.error);
  const startsOver = code === 'max-age' || code === 'retired';
  const attempts = code === 'handshake' ? Math.max(host.record.failuresInRow, dialer.refusedInRow) + 1 : 0;
  const weighed = { code, endedBy: by, uptime, attempts, isRefused: attempts > 0, movesOn, startsOver };
  if (state === 'closing') return { ...weighed, stop: undefined, drawn: undefined };
  const error = verdict?.error as HandshakeError;
  const stop = attempts > 0 ? judge(host, { phase: 'handshake', error, endpoint, attempts }) : undefined;
  const isOver = stop !== undefined || host.state === 'closing';
  return { ...weighed, stop, drawn: isOver ? undefined : dialer.askBeforeLifeEnded(by, uptime) };
}
