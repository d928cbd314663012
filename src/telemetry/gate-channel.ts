import type { Endpoint } from '../primitives/endpoint.js';
import { open, publish, type TypedChannel } from './publish.js';
import type { GateReport, GateSource, GateState } from './subjects.js';
import { isTracing, traceGate } from './trace.js';

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

const channel: TypedChannel<GateChannelPayloads['connman:gate:state']> = open('connman:gate:state');

/** Whether the channel has a subscriber, or debug lines are written. */
export function wantsGateState(): boolean {
  return channel.hasSubscribers || isTracing();
}

export function publishGateState(source: GateSource, report: GateReport, from: GateState): void {
  traceGate(source, report, from);
  publish(channel, stateEvent, source, report, from);
}

function stateEvent(
  { endpoint, isTls }: GateSource,
  { state, ...rest }: GateReport,
  from: GateState,
): GateChannelPayloads['connman:gate:state'] {
  return { endpoint, tls: isTls, from, to: state, ...rest };
}
