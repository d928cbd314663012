import { deliver, type HandlerOwner } from './handler/call-handler.js';
import type { ResolvedOptions } from './options/options.js';
import { inPlace, InPlaceSocket } from './socket/in-place-socket.js';
import type { Link, LinkObserver } from './socket/link.js';
import { readIntoSharedBuffer } from './socket/shared-buffer.js';
import { SocketLink } from './socket/socket-link.js';
import { TlsTransport } from './tls/tls-transport.js';

/** Makes the link that the options ask for: over TLS, or with one socket that is connected again and again. */
export function createLink<Owner extends HandlerOwner>(
  options: ResolvedOptions,
  owner: Owner,
  observer: LinkObserver<Owner>,
): Link {
  const { reuseReadBuffer, timeout, tls } = options;
  const onread = reuseReadBuffer && readIntoSharedBuffer((chunk) => deliver(owner, chunk));
  const socket = onread ? { ...options.socket, onread } : options.socket;
  const readsForOwner = Boolean(owner.handler.onData) && !onread;
  if (tls) {
    const transport = new TlsTransport({ tls, socket, timeout, readsForOwner });
    return new SocketLink(transport, options, owner, observer);
  }
  const link = new SocketLink(inPlace, options, owner, observer);
  const created = new InPlaceSocket(socket, link, readsForOwner);
  if (timeout > 0) created.setTimeout(timeout);
  return link;
}
