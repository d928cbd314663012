import { sameOptions } from '../../gate/index.js';
import { TimeoutError, type DialError } from '../../primitives/errors.js';
import type { DialerHost } from './dialer-host.js';
import type { ResolvedOptions } from '../options/options.js';
import { judge } from './stop.js';

/** What decides how a dial to a given endpoint ends. */
type DialOptions = Pick<ResolvedOptions, 'connectTimeout' | 'prelude' | 'tls'>;

/**
 * Whether a dial with `own` options would have failed as the one with `theirs` did. That is unknown if it would have had more
 * time, or if the link was lost in a TLS handshake that would have asked for something else.
 */
export function failsAlike({ phase, cause }: DialError, theirs: DialOptions, own: DialOptions): boolean {
  if (theirs === own) return true;
  if (cause instanceof TimeoutError && theirs.connectTimeout < own.connectTimeout) return false;
  return phase !== 'tls' || sameOptions(askedOf(theirs), askedOf(own));
}

/** What a peer may drop the link for in the TLS handshake. Not the secure context, which each set of options makes for itself. */
function askedOf({ tls, prelude }: DialOptions): object {
  return { prelude, tls: typeof tls === 'object' ? { ...tls, secureContext: undefined } : tls };
}

/**
 * A dial with the options `theirs` has failed while a connection waited for its turn at the same endpoint. Returns whether that
 * connection may go on to another endpoint: its own dial would have failed as well, and it has not given up.
 */
export function hasFailedElsewhere(host: DialerHost, error: DialError, theirs: ResolvedOptions): boolean {
  const { options, record, endpoint } = host;
  if (!failsAlike(error, theirs, options)) return false;
  // A connection with a shorter backoff would use up the attempts of this one.
  if (theirs.firstBackoff !== options.firstBackoff) {
    record.shareFailure(error, 0);
    return true;
  }
  const attempts = record.shareFailure(error);
  const stop = judge(host, { phase: error.phase, error, endpoint, attempts });
  if (stop && host.state === 'waiting') host.stopped(stop);
  return host.state === 'waiting';
}
