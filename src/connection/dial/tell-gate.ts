import type { DialRequester } from '../../gate/index.js';
import type { Dial } from './dial.js';
import type { Failover } from './failover.js';
import type { ConnectionState, Trigger } from '../life-cycle.js';

/** A connection has left the state `from`: tells the gate, and the dial that was going on. */
export function tellGate(
  failover: Failover,
  requester: DialRequester,
  dial: Dial | undefined,
  from: ConnectionState,
  trigger: Trigger,
): void {
  const { gate } = failover;
  if (trigger === 'handshake-done') failover.handshakeDone(requester);
  else if (from === 'handshaking' && trigger === 'disconnect') gate.handshakeAbandoned(requester);
  else if (from === 'waiting' && trigger !== 'dial') gate.leave(requester);
  else if (from === 'connecting' && trigger === 'disconnect' && dial) {
    gate.dialAbandoned(requester);
    dial.calledOff();
  }
}
