import { deliver, type HandlerOwner } from './call-handler.js';
import type { Link, LinkObserver } from './socket/link.js';
import type { ResolvedOptions } from './options/options.js';
import { InPlaceSocket } from './socket/in-place-socket.js';
import { readIntoSharedBuffer } from './socket/shared-buffer.js';
import { TlsLink } from './tls/tls-link.js';

/** Makes the link that the options ask for: over TLS, or one socket that is connected again and again. */
export function createLink<Owner extends HandlerOwner>(
  options: ResolvedOptions,
  owner: Owner,
  observer: LinkObserver<Owner>,
): Link {
  const { reuseReadBuffer, timeout, tls, maxBuffered, keepsListeners } = options;
  const onread = reuseReadBuffer && readIntoSharedBuffer((chunk) => deliver(owner, chunk));
  const socket = onread ? { ...options.socket, onread } : options.socket;
  const readsForOwner = Boolean(owner.handler.onData) && !onread;
  if (tls) {
    const settings = { readsForOwner, maxBuffered, keepsListeners, tls, socket, timeout };
    return new TlsLink(settings, owner, observer);
  }
  const created = new InPlaceSocket(socket, options, owner, observer);
  if (readsForOwner) created.readForOwner();
  if (timeout > 0) created.setTimeout(timeout);
  return created;
}
