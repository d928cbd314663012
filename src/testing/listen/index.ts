export { Listener } from './listener.js';
export type { FileLeft } from './listen-address.js';
export { requirePort, toListenEndpoint } from './listen-options.js';
export { nextPoll } from './next-poll.js';
export { hasFile } from './path-address.js';
export { type PortReservation, reservePort } from './port-reservation.js';
