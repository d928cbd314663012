import { deliver, type HandlerOwner } from './handler/call-handler.js';
import type { ResolvedOptions } from './options/options.js';
import { inPlace, InPlaceSocket } from './socket/in-place-socket.js';
import type { Link, LinkObserver } from './socket/link.js';
import { readIntoSharedBuffer } from './socket/shared-buffer.js';
import { PreludeTransport } from './socket/preluded-socket.js';
import { SocketLink } from './socket/socket-link.js';
import type { Transport } from './socket/transport.js';
import { StagedTransport } from './tls/staged-transport.js';
import { TlsTransport, type TlsSettings } from './tls/tls-transport.js';

/** Makes the link that the options ask for: over TLS, or with one socket that is connected again and again. */
export function createLink<Owner extends HandlerOwner>(
  options: ResolvedOptions,
  owner: Owner,
  observer: LinkObserver<Owner>,
): Link {
  const { reuseReadBuffer, timeout, tls, prelude } = options;
  // Over TLS that begins after a prelude, Node.js reads into no buffer of others.
  const isShared = reuseReadBuffer && !(tls && prelude);
  const onread = isShared && readIntoSharedBuffer((chunk) => deliver(owner, chunk));
  const socket = onread ? { ...options.socket, onread } : options.socket;
  const readsForOwner = Boolean(owner.handler.onData) && !onread;
  if (tls)
    return new SocketLink(secure(options, { socket, timeout, readsForOwner }), options, owner, observer);
  const transport = prelude ? new PreludeTransport() : inPlace;
  const link = new SocketLink(transport, options, owner, observer);
  const created =
    transport instanceof PreludeTransport
      ? transport.make(socket, link, readsForOwner)
      : new InPlaceSocket(socket, link, readsForOwner);
  if (timeout > 0) created.setTimeout(timeout);
  return link;
}

function secure({ tls, prelude }: ResolvedOptions, settings: Omit<TlsSettings, 'tls'>): Transport {
  const source = typeof tls === 'function' ? tls : undefined;
  const fixed = { ...settings, tls: typeof tls === 'object' ? tls : {} };
  if (!source && !prelude) return new TlsTransport(fixed);
  return new StagedTransport(fixed, { source, hasPrelude: prelude !== undefined });
}
