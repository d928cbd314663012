import { sameOptions } from '../gate/index.js';
import { TimeoutError, type DialError } from '../primitives/errors.js';
import type { DialerHost } from './dialer-host.js';
import type { ResolvedOptions } from './options/options.js';
import { judge } from './stop.js';

/** What decides how a dial to a given endpoint ends. */
type DialOptions = Pick<ResolvedOptions, 'connectTimeout' | 'prelude' | 'tls'>;

/**
 * Whether a dial with one's own options would have failed as one with `theirs` has: it may have more time, and a server that
 * drops a link in the TLS handshake may do so for what that has asked for.
 */
export function failsAlike({ phase, cause }: DialError, theirs: DialOptions, own: DialOptions): boolean {
  if (theirs === own) return true;
  if (cause instanceof TimeoutError && theirs.connectTimeout < own.connectTimeout) return false;
  return phase !== 'tls' || sameOptions(askedOf(theirs), askedOf(own));
}

/** What a server may drop the link for in the TLS handshake. Each set of options has a secure context of its own. */
function askedOf({ tls, prelude }: DialOptions): object {
  return { prelude, tls: typeof tls === 'object' ? { ...tls, secureContext: undefined } : tls };
}

/**
 * A dial with the options `theirs` has failed while a connection waited for its turn at the same endpoint. Returns whether it may
 * look for another endpoint: it would have failed as well, and goes on.
 */
export function hasFailedElsewhere(host: DialerHost, error: DialError, theirs: ResolvedOptions): boolean {
  const { options, record, endpoint } = host;
  if (!failsAlike(error, theirs, options)) return false;
  // One that dials more often would use up the attempts of those who wait for longer.
  if (theirs.firstBackoff !== options.firstBackoff) {
    record.shareFailure(error, 0);
    return true;
  }
  const attempts = record.shareFailure(error);
  const stop = judge(host, { phase: error.phase, error, endpoint, attempts });
  if (stop && host.state === 'waiting') host.stopped(stop);
  return host.state === 'waiting';
}
