import type { Endpoint } from '../primitives/endpoint.js';
import { open, publish, type TypedChannel } from './publish.js';

/**
 * How an endpoint is, as far as dials tell:
 * - `up`: whoever wants to dial it does so at once.
 * - `opening`: dials succeed, and more and more are let through at once; others wait until there is room for them.
 * - `probing`: dials fail, or its connections do not last, or the last one was lost; one dials, and others wait for it.
 */
export type GateState = 'up' | 'opening' | 'probing';

/** How the gate to an endpoint stands, which all connections of a manager to that endpoint share. */
export interface GateReport {
  readonly state: GateState;
  /** How many dials may be in flight: 1 while it is probing, and up to `maxDialing`. */
  readonly window: number;
  /** How many dials are in flight, and how many connections wait for their turn. */
  readonly dialling: number;
  readonly waiting: number;
  /**
   * When the next dial begins, in milliseconds since 1970, or has begun if that is past; nothing where nobody waits, or
   * where a dial in flight has to end first.
   */
  readonly nextDialAt: number | undefined;
}

/** The channel that tells of gates, and what is published to it. */
export interface GateChannelPayloads {
  /** The state, the moment of the next dial or, while it is opening, the window is another. */
  'connman:gate:state': Omit<GateReport, 'state'> & {
    readonly endpoint: Endpoint;
    /** Whether it is dialled over TLS. */
    readonly tls: boolean;
    readonly from: GateState;
    readonly to: GateState;
  };
}

/** A gate, as far as its events tell of it. */
export interface GateSource {
  readonly endpoint: Endpoint;
  readonly isTls: boolean;
}

const channel: TypedChannel<GateChannelPayloads['connman:gate:state']> = open('connman:gate:state');

/** Whether anybody listens. */
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
