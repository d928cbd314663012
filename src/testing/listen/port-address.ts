import { once } from 'node:events';
import type { Server } from 'node:net';
import type { HostEndpoint } from '../../primitives/endpoint.js';
import type { ListenAddress } from './listen-address.js';
import { reservePort, portOf, type PortReservation } from './port-reservation.js';

/** A port: the same for ever, also where the system has chosen it. */
export class PortAddress implements ListenAddress {
  readonly #host: string;
  #port: number;
  #address = '';
  #release: PortReservation | undefined;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  get endpoint(): HostEndpoint {
    return { host: this.#host, port: this.#port };
  }

  async open(listener: Server): Promise<void> {
    const released = this.free();
    await once(listener.listen(this.#port, this.#host), 'listening');
    this.#port = portOf(listener);
    const address = listener.address();
    if (typeof address === 'object' && address !== null) this.#address = address.address;
    await released;
  }

  async keep(): Promise<void> {
    this.#release ??= await reservePort(this.#address, this.#port);
  }

  async free(): Promise<void> {
    const release = this.#release;
    this.#release = undefined;
    await release?.();
  }
}
