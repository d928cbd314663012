import type { Endpoint } from '../../primitives/endpoint.js';
import type { DisconnectOptions, ManagedSocket } from '../socket/managed-socket.js';
import type { ConnectionState, InspectedConnection } from '../../telemetry/index.js';
import type { ConnectionStats, Reset } from '../stats/counters.js';

/** What is behind a connection, as far as an application can reach it. */
export interface Core<H> extends InspectedConnection {
  readonly id: number;
  readonly handler: H;
  readonly pool: string | undefined;
  readonly endpoint: Endpoint;
  readonly socket: ManagedSocket;
  readonly state: ConnectionState;
  readonly life: number;
  readonly uptime: number;
  readonly presentLife: { end(code: 'requested', reason?: Error): void } | undefined;
  retire(reason: Error | undefined): Promise<void>;
  readonly record: NonNullable<InspectedConnection['record']> & { readonly lastReset: Reset | undefined };
  readonly dialer: NonNullable<InspectedConnection['dialer']> & {
    makeUrgent(): void;
    restFor(milliseconds: number): void;
    setEndpoints(endpoints: readonly Endpoint[]): boolean;
  };
  ready(signal: AbortSignal | undefined): Promise<ManagedSocket>;
  disconnect(options?: DisconnectOptions): Promise<void>;
  stats(): ConnectionStats;
}
