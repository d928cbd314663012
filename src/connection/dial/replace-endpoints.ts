import type { DialRequester } from '../../gate/index.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import { OptionError } from '../../primitives/errors.js';
import type { DialerHost } from './dialer-host.js';
import type { Failover } from './failover.js';

/** These endpoints take the place of all others. Returns what goes on with one that is not among them. */
export function replaceEndpoints(
  host: DialerHost,
  failover: Failover,
  requester: DialRequester,
  endpoints: readonly Endpoint[],
): 'life' | 'wait' | undefined {
  const { state, owner, options, link, presentLife, face } = host;
  if (owner.isDiscovered) throw new OptionError('connection', 'one that discovery has not opened', face);
  if (state === 'closing' || state === 'closed') return undefined;
  if (!failover.replace(endpoints, owner.shared.gates, options, requester)) return undefined;
  if (presentLife) return 'life';
  if (state !== 'connecting') return 'wait';
  link.current.destroy(new Error('setEndpoints() has replaced the endpoint'));
  return undefined;
}
