import { Socket } from 'node:net';
import { sharedNow } from './clock.js';

const dials: number[] = [];
const { connect } = Socket.prototype;

// Whoever dials: all of them come to this method of Node's. connman takes it when it is loaded, so this module comes before.
Socket.prototype.connect = function noted(this: Socket, ...args: never[]) {
  dials.push(sharedNow());
  return Reflect.apply(connect, this, args) as Socket;
} as typeof connect;

/** When this process has dialled. */
export function notedDials(): readonly number[] {
  return dials;
}
