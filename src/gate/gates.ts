import { formatEndpoint, isPathEndpoint, type Endpoint } from '../primitives/endpoint.js';
import { Gate } from './gate.js';

/** How many dials to one endpoint may be in flight, by default. */
const defaultMaxDialing = 256;

/** The gates of a manager: one for each endpoint that its connections dial, with TLS and without. */
export class Gates {
  readonly #maxDialing: number;
  readonly #gates: Map<string, Gate> = new Map();

  constructor(maxDialing: number = defaultMaxDialing) {
    this.#maxDialing = maxDialing;
  }

  /** The gate to an endpoint, for a connection to hold until it is closed. */
  take(endpoint: Endpoint, isTls: boolean): Gate {
    const key = keyOf(endpoint, isTls);
    let gate = this.#gates.get(key);
    if (!gate) {
      gate = new Gate(endpoint, isTls, this.#maxDialing);
      this.#gates.set(key, gate);
    }
    gate.users += 1;
    return gate;
  }

  /** A connection that held the gate is closed. A gate that no connection holds is forgotten. */
  giveBack(gate: Gate): void {
    gate.users -= 1;
    if (gate.users === 0) this.#gates.delete(keyOf(gate.endpoint, gate.isTls));
  }
}

function keyOf(endpoint: Endpoint, isTls: boolean): string {
  const kind = isPathEndpoint(endpoint) ? 'path' : 'host';
  return `${kind} ${isTls ? 'tls' : 'plain'} ${formatEndpoint(endpoint)}`;
}
