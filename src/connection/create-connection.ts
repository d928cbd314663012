import type { Endpoint } from '../primitives/endpoint.js';
import { ConnectionCore } from './core.js';
import { checkHandler } from './handler/check-handler.js';
import { Connection, coreOf, type Handler } from './handler/connection.js';
import { checkReading, type ResolvedOptions } from './options/options.js';
import type { Owner } from './owner.js';

/** Who holds a connection and is told of its changes. */
export type ConnectionOwner<H extends Handler = Handler> = Owner<Connection<H>>;

/** Makes a connection, which dials once it is started. */
export function createConnection<H extends Handler>(
  endpoints: Endpoint | readonly Endpoint[],
  handler: H,
  options: ResolvedOptions,
  owner: ConnectionOwner<H>,
): Connection<H> {
  checkHandler(handler);
  checkReading(options, handler);
  return new Connection<H>((face) => new ConnectionCore<H>(face, endpoints, handler, options, owner));
}

/** What pools and managers use of a connection, beside what is public. */
export function internals<H extends Handler>(connection: Connection<H>): Internals<H> {
  return coreOf(connection) as ConnectionCore<H>;
}

/** The part of a connection that pools and managers use. */
export type Internals<H extends Handler> = Pick<
  ConnectionCore<H>,
  | 'close'
  | 'closing'
  | 'context'
  | 'dialer'
  | 'endpoint'
  | 'face'
  | 'handler'
  | 'handlerFailed'
  | 'leave'
  | 'link'
  | 'options'
  | 'owner'
  | 'presentLife'
  | 'record'
  | 'start'
  | 'state'
  | 'whenClosed'
>;
