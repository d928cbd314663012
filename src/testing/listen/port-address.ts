import { once } from 'node:events';
import type { Server } from 'node:net';
import type { HostEndpoint } from '../../primitives/endpoint.js';
import type { ListenAddress } from './listen-address.js';
import { portOf, type PortReservation, reservePort } from './port-reservation.js';

/** A port. Once the system has chosen a free one, it stays the same. */
export class PortAddress implements ListenAddress {
  readonly #host: string;
  #port: number;
  #ip = '';
  #reservation: PortReservation | undefined;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  get endpoint(): HostEndpoint {
    return { host: this.#host, port: this.#port };
  }

  async listen(server: Server): Promise<void> {
    const released = this.release();
    await once(server.listen(this.#port, this.#host), 'listening');
    this.#port = portOf(server);
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.#ip = address.address;
    await released;
  }

  async reserve(): Promise<void> {
    this.#reservation ??= await reservePort(this.#ip, this.#port);
  }

  async release(): Promise<void> {
    const reservation = this.#reservation;
    this.#reservation = undefined;
    await reservation?.release();
  }
}
