import { formatEndpoint, isPathEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { Gate } from './gate.js';

/** How many dials to one endpoint may be in flight, unless the program says otherwise. */
const defaultMaxDialing = 256;

/** The gates of a manager: one for each endpoint that its connections dial, TLS apart from plain. */
export class Gates {
  readonly #maxDialing: number;
  readonly #gates: Map<string, Gate> = new Map();
  /** The one that was taken last: many connections are made to one endpoint. */
  #last: Gate | undefined;

  constructor(maxDialing: number = defaultMaxDialing) {
    this.#maxDialing = maxDialing;
  }

  /** The gate to an endpoint, for a connection that gives it back when it is closed. */
  take(endpoint: Endpoint, isTls: boolean): Gate {
    if (!this.#last || !leadsTo(this.#last, endpoint, isTls)) this.#last = this.#find(endpoint, isTls);
    this.#last.users += 1;
    return this.#last;
  }

  giveBack(gate: Gate): void {
    gate.users -= 1;
    if (gate.users > 0) return;
    this.#gates.delete(keyOf(gate.endpoint, gate.isTls));
    if (this.#last === gate) this.#last = undefined;
  }

  #find(endpoint: Endpoint, isTls: boolean): Gate {
    const key = keyOf(endpoint, isTls);
    const known = this.#gates.get(key);
    if (known) return known;
    const gate = new Gate(endpoint, isTls, this.#maxDialing);
    this.#gates.set(key, gate);
    return gate;
  }
}

function leadsTo({ endpoint, isTls }: Gate, wanted: Endpoint, isTlsWanted: boolean): boolean {
  const { host, port, path } = endpoint;
  return isTls === isTlsWanted && host === wanted.host && port === wanted.port && path === wanted.path;
}

function keyOf(endpoint: Endpoint, isTls: boolean): string {
  const kind = isPathEndpoint(endpoint) ? 'path' : 'host';
  return `${kind} ${isTls ? 'tls' : 'plain'} ${formatEndpoint(endpoint)}`;
}
