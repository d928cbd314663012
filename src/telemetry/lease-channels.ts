import type { ResetCode } from './events.js';
import { memberEvent, type LeaseSource, type MemberEvent } from './pool-channels.js';
import { open, publish } from './publish.js';
import type { PoolSource } from './subjects.js';

/** The channels about leases whose life has ended, with their messages. */
export interface LeaseChannelPayloads {
  /** The life has ended in which a lease began. `lasting` says whether the lease goes on in the lives to come. */
  'connman:pool:interrupt': MemberEvent & { readonly code: ResetCode; readonly lasting: boolean };
  /**
   * A lease was not given back within `drain` milliseconds after the end of its life: its connection is closed, and another one
   * takes its place.
   */
  'connman:pool:forfeit': MemberEvent;
}

const channels = {
  interrupt: open<LeaseChannelPayloads['connman:pool:interrupt']>('connman:pool:interrupt'),
  forfeit: open<LeaseChannelPayloads['connman:pool:forfeit']>('connman:pool:forfeit'),
};

export function publishLeaseInterrupt(
  source: PoolSource,
  lease: LeaseSource,
  code: ResetCode,
  lasting: boolean,
): void {
  publish(channels.interrupt, interruptEvent, source, lease, code, lasting);
}

export function publishLeaseForfeit(source: PoolSource, { connection }: LeaseSource): void {
  publish(channels.forfeit, memberEvent, source, connection);
}

function interruptEvent(
  source: PoolSource,
  { connection }: LeaseSource,
  code: ResetCode,
  lasting: boolean,
): LeaseChannelPayloads['connman:pool:interrupt'] {
  return { ...memberEvent(source, connection), code, lasting };
}
