import { closest } from './closest.js';
import { OptionError } from './errors.js';

/** What other libraries call an option, or what belongs into it. */
const calledElsewhere: Readonly<Record<string, RegExp>> = {
  maxAttempts: /^(max_?)?(retries|reconnects|reconnectAttempts|tries)$/i,
  connectTimeout: /^(connection|dial)Timeout(Millis)?$/,
  acquireTimeout: /^(acquire|checkout)TimeoutMillis$/,
  heartbeat: /ping|health|^interval$/i,
  tls: /^(ca|cert|key|pfx|servername|rejectUnauthorized|secure|ssl|ALPN.*)$/,
  perEndpoint: /^(min|max|size|poolSize|connections|maxConnections)$/,
  discovery: /^(endpoints|servers|hosts|nodes)$/,
  pick: /^(balanc.*|strategy)$/,
  signal: /^abort/,
  backoff: /^(delay|retry|factor|jitter|initial|m..Delay)|reconnect|strategy/i,
  maxAge: /life/i,
  prelude: /^proxy/,
};

/** Where else a name belongs that is no option of a connection. */
const belongs: Readonly<Record<string, RegExp>> = {
  'an option of createPool()':
    /^(perE|disco|acquire|maxW|maxS|leak)|^(subset|pick|drain|pushes|spill|max|min|size|poolSize)$/,
  'an option of new ConnectionManager()': /^maxDialing/,
  'a method of the handler': /^on[A-Z]/,
  'part of the endpoint': /^(host|hostname|port|path)$/,
};

/** Names the option that was meant; where none is alike, all that there are. */
export function unknownOption(what: string, name: string, known: readonly string[]): OptionError {
  const elsewhere = Object.keys(calledElsewhere).find(
    (each) => known.includes(each) && calledElsewhere[each]?.test(name),
  );
  const isOfConnections = known.includes('backoff');
  const place = Object.keys(belongs).find((each) => isOfConnections && belongs[each]?.test(name));
  const meant = elsewhere ?? (place ? undefined : closest(name, known));
  const got = JSON.stringify(name.slice(0, 40));
  if (meant !== undefined) {
    return new OptionError(what, 'a known option', name, `${got} (did you mean ${meant}?)`);
  }
  if (place !== undefined) return new OptionError(what, 'a known option', name, `${got}, ${place}`);
  return new OptionError(what, `only the options ${known.join(', ')}`, name, got);
}
