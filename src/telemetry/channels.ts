import type { ConnectionChannelPayloads } from './connection-channels.js';
import type { GateChannelPayloads } from './gate-channel.js';
import type { LeaseChannelPayloads } from './lease-channels.js';
import type { PoolChannelPayloads } from './pool-channels.js';

/**
 * The channels of `node:diagnostics_channel` that connman publishes to, by name, with their messages. A message is a frozen
 * object. It is made only if the channel has a subscriber, and published when the change it reports is complete.
 *
 * @example
 * ```ts
 * import { subscribe } from 'node:diagnostics_channel';
 * import type { ChannelPayloads } from 'connman';
 *
 * subscribe('connman:connection:reset', (message) => {
 *   const { id, code } = message as ChannelPayloads['connman:connection:reset'];
 *   console.log(`connection ${id} was reset: ${code}`);
 * });
 * ```
 */
export interface ChannelPayloads
  extends ConnectionChannelPayloads, GateChannelPayloads, LeaseChannelPayloads, PoolChannelPayloads {}
