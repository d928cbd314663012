import type { ConnectionChannelPayloads } from './connection-channels.js';
import type { GateChannelPayloads } from './gate-channel.js';
import type { PoolChannelPayloads } from './pool-channels.js';

/**
 * The channels of `node:diagnostics_channel` that connman publishes to, and what it publishes: frozen objects, made only
 * for a channel with a subscriber, when the change that they tell of is complete.
 */
export interface ChannelPayloads
  extends ConnectionChannelPayloads, GateChannelPayloads, PoolChannelPayloads {}
