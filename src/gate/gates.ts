import { formatEndpoint, isPathEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { DialLimit } from './dial-limit.js';
import type { DialRequester } from './dial-requester.js';
import { Gate } from './gate.js';

/** How many dials to one endpoint may be in flight, by default. */
const defaultMaxDialing = 256;

/** How many dials of all gates together may be in flight, by default. */
const defaultMaxDialingInAll = 1_024;

/** The limits of the gates of a manager, by the names of its options. */
export interface DialLimits {
  readonly maxDialing?: number | undefined;
  readonly maxDialingInAll?: number | undefined;
}

/** The gates of a manager: one for each endpoint that its connections dial, with TLS and without, and for each route. */
export class Gates {
  readonly #maxDialing: number;
  readonly #limit: DialLimit;
  readonly #gates: Map<string, Gate> = new Map();
  /** The one without a route that was taken last: the next connection is most likely to the same endpoint. */
  #last: Gate | undefined;

  constructor({ maxDialing, maxDialingInAll }: DialLimits = {}) {
    this.#maxDialing = maxDialing ?? defaultMaxDialing;
    this.#limit = new DialLimit(maxDialingInAll ?? defaultMaxDialingInAll);
  }

  /**
   * The gate to an endpoint, for a connection to hold until it is closed. Dials by different routes say nothing about each
   * other; `route` is empty for the usual one.
   */
  take(endpoint: Endpoint, isTls: boolean, route: string = ''): Gate {
    const last = route === '' ? this.#last : undefined;
    if (last && last.endpoint === endpoint && last.isTls === isTls) return this.hold(last);
    const key = keyOf(endpoint, isTls, route);
    let gate = this.#gates.get(key);
    if (!gate) {
      gate = new Gate(endpoint, isTls, this.#maxDialing, this.#limit);
      gate.key = key;
      this.#gates.set(key, gate);
    }
    if (route === '') this.#last = gate;
    return this.hold(gate);
  }

  /** The gate is held once more. */
  hold(gate: Gate): Gate {
    gate.users += 1;
    return gate;
  }

  /** The gate is held once less, by a connection that holds it still. */
  drop(gate: Gate): void {
    gate.users -= 1;
  }

  /** A connection that held the gate is closed, or dials elsewhere. A gate that no connection holds is forgotten. */
  giveBack(gate: Gate, requester: DialRequester): void {
    gate.forget(requester);
    gate.users -= 1;
    if (gate.users > 0) return;
    this.#gates.delete(gate.key);
    if (gate === this.#last) this.#last = undefined;
  }
}

function keyOf(endpoint: Endpoint, isTls: boolean, route: string): string {
  const kind = isPathEndpoint(endpoint) ? 'path' : 'host';
  const name = endpoint.servername === undefined ? '' : ` as ${endpoint.servername}`;
  const key = `${kind} ${isTls ? 'tls' : 'plain'} ${formatEndpoint(endpoint)}${name}`;
  return route === '' ? key : `${key} ${route}`;
}
