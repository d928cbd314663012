import type { Endpoint } from '../primitives/endpoint.js';
import { open, publish, type TypedChannel } from './publish.js';

/**
 * The state of an endpoint:
 * - `up`: a connection that wants to dial does so at once.
 * - `opening`: dials succeed, and more and more are let through at once. Other connections wait for room.
 * - `probing`: dials fail, connections die young, or the last one was lost. One connection dials; the others wait.
 */
export type GateState = 'up' | 'opening' | 'probing';

/** The gate to an endpoint, which all connections of a manager to that endpoint share: a snapshot. */
export interface GateReport {
  /** Whether the endpoint is up. */
  readonly state: GateState;
  /** How many dials may be in flight: 1 while it is probing, at most `maxDialing`. */
  readonly window: number;
  /** How many dials are in flight. */
  readonly dialling: number;
  /** How many connections wait for their turn. */
  readonly waiting: number;
  /**
   * When the next dial begins, in milliseconds since 1970. `undefined` if no connection waits, or if a dial in flight has to
   * end first.
   */
  readonly nextDialAt: number | undefined;
}

/** The channel about gates, with its messages. */
export interface GateChannelPayloads {
  /** The state has changed; or the moment of the next dial while probing; or the window while opening. */
  'connman:gate:state': Omit<GateReport, 'state'> & {
    readonly endpoint: Endpoint;
    /** Whether the endpoint is dialled over TLS. */
    readonly tls: boolean;
    readonly from: GateState;
    readonly to: GateState;
  };
}

/** What the messages need of a gate. */
export interface GateSource {
  readonly endpoint: Endpoint;
  readonly isTls: boolean;
}

const channel: TypedChannel<GateChannelPayloads['connman:gate:state']> = open('connman:gate:state');

/** Whether the channel has a subscriber. */
export function wantsGateState(): boolean {
  return channel.hasSubscribers;
}

export function publishGateState(source: GateSource, report: GateReport, from: GateState): void {
  publish(channel, stateEvent, source, report, from);
}

function stateEvent(
  { endpoint, isTls }: GateSource,
  { state, ...rest }: GateReport,
  from: GateState,
): GateChannelPayloads['connman:gate:state'] {
  return { endpoint, tls: isTls, from, to: state, ...rest };
}
