import type { DialRequester, Gate } from '../../gate/index.js';
import { publishDialFailed } from '../../telemetry/index.js';
import { dialError } from './dial-errors.js';
import type { Dial } from './dial.js';
import type { DialerHost } from './dialer-host.js';
import { tellHandler } from '../handler/call-handler.js';
import type { DialFailure } from '../stats/counters.js';

/** A dial has failed; without a delay, no other follows. */
export function tellDialFailed(
  host: DialerHost,
  failure: Omit<DialFailure, 'delay'> & { readonly delay: number | undefined },
): void {
  const { error, attempts, delay } = failure;
  publishDialFailed(host, error, attempts, delay);
  if (delay === undefined || host.state !== 'waiting') return;
  tellHandler(host, 'onRetry', Object.freeze({ ...failure, delay }));
}

/** A dial has failed to an endpoint that is replaced, which may be the reason: that counts as no failure in a row. */
export function dialReplaced(
  host: DialerHost,
  gate: Gate,
  requester: DialRequester,
  dial: Dial,
  cause: Error | undefined,
  goOn: () => number,
): void {
  const { record } = host;
  const { failuresInRow } = record;
  const error = dialError(dial.endpoint, dial.phase, failuresInRow, cause);
  dial.givenUp(error);
  gate.dialAbandoned(requester);
  record.failDial(dial.phase, error, host.owner.totalsFor?.(dial.endpoint), 0);
  host.move('dial-failed', error);
  publishDialFailed(host, error, failuresInRow, goOn());
}
