import { closest } from './closest.js';
import { OptionError } from './errors.js';

/** What other libraries call an option. */
const calledElsewhere: Readonly<Record<string, RegExp>> = {
  maxAttempts: /^(max_?)?(retries|reconnects|reconnectAttempts|tries)$/i,
  connectTimeout: /^(connection|dial)Timeout(Millis)?$/,
  acquireTimeout: /^(acquire|checkout)TimeoutMillis$/,
  backoff: /delay|strategy|reconnect/i,
  heartbeat: /ping|health/i,
  tls: /^(ca|cert|key|pfx|servername|rejectUnauthorized|secure|ssl)$/,
  perEndpoint: /^(min|max|size|poolSize|connections|maxConnections)$/,
};

/** Says where a name belongs, which is not among the `known` ones. */
export type Advice = (name: string, known: readonly string[]) => string | undefined;

/** Names the option that was meant; where none is alike, all that there are. */
export function unknownOption(
  what: string,
  name: string,
  known: readonly string[],
  advice?: Advice,
): OptionError {
  const advised = advice?.(name, known);
  const meant = closest(name, known) ?? known.find((each) => calledElsewhere[each]?.test(name));
  const got = JSON.stringify(name.slice(0, 40));
  if (advised) return new OptionError(what, 'a known option', name, got + advised);
  if (meant === undefined) return new OptionError(what, `only the options ${known.join(', ')}`, name, got);
  return new OptionError(what, 'a known option', name, `${got} (did you mean ${meant}?)`);
}
