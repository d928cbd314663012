import { lifeEnded } from './life/attached-requests.js';
import { Closing, type ClosingHost } from './closing.js';
import type { Dialer } from './dial/dialer.js';
import type { DialerHost } from './dial/dialer-host.js';
import { tellHandler } from './handler/call-handler.js';
import { abortSignalOf } from './handler/life-signal.js';
import type { Life } from './life/life.js';
import { weighLoss } from './loss.js';
import type { OwnerEvent } from './owner.js';
import { describeReset } from './life/reset.js';
import { leaveWithLife, takeRetirement } from './life/retire.js';
import type { RetiringHost } from './life/retirement.js';
import type { LinkClosed } from './socket/link.js';
import type { Reset } from './stats/counters.js';

/** The connection, as far as the end of a life changes it. */
export interface LosingHost extends DialerHost, ClosingHost {
  readonly dialer: Dialer;
  readonly record: DialerHost['record'];
  readonly owner: DialerHost['owner'] & ClosingHost['owner'];
  isSocketOpen: boolean;
  presentLife: Life | undefined;
  closing: Closing | undefined;
  tell(event: OwnerEvent, reset?: Reset): void;
  /** Its next dial waits for the end of a lease. */
  heldBack(): void;
}

/**
 * The link of a life is gone: the life is over, at once or, where very many are lost in the same turn, in one of the next turns. Until
 * then the connection is as it is between `destroy()` and 'close'.
 */
export function loseInTurn(host: LosingHost & RetiringHost, life: Life, closed: LinkClosed): void {
  const lose = (): void => {
    host.isSocketOpen = false;
    leaveWithLife(host);
    loseLife(host, life, closed);
  };
  // Where the connection closes, its socket has been ended in a turn of its own.
  if (host.state === 'closing') lose();
  else host.owner.shared.losses.add(lose);
}

/** A life is over: weighs its end, changes the connection, then tells of it. */
export function loseLife(host: LosingHost, life: Life, closed: LinkClosed): void {
  host.isSocketOpen = false;
  const { endpoint, dialer, record } = host;
  const loss = weighLoss(host, dialer, life, closed);
  const { code, uptime, attempts, stop } = loss;
  if (stop && host.move('disconnect', stop.code)) host.closing = new Closing(host, stop.code, stop.error);
  const isLast = host.state === 'closing';
  if (attempts > 0) record.failHandshake(attempts);
  record.endLife(host.socket, host.owner.totalsFor?.(endpoint));
  life.over();
  host.presentLife = undefined;
  const retirement = takeRetirement(host);
  if (!isLast) host.move('life-ended', code);
  if (stop) dialer.shareStop(stop);
  const delay = dialer.lifeEnded(loss);
  const reset = describeReset(closed, life.verdict, { life: life.number, endpoint, uptime, delay });
  lifeEnded(host, reset);
  if (dialer.isHeld) host.heldBack();
  host.tell('reset', reset);
  abortSignalOf(host);
  tellHandler(host, 'onReset', reset);
  retirement?.isOver();
  if (isLast) host.closing?.finish('socket-closed');
}
