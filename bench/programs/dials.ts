import { Socket } from 'node:net';
import { sharedNow } from './clock.js';

/** Notes from now on when this process dials, whoever does it: all of them come to this method of Node's. */
export function noteDials(): readonly number[] {
  const dials: number[] = [];
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function noted(this: Socket, ...args: never[]) {
    dials.push(sharedNow());
    return Reflect.apply(connect, this, args) as Socket;
  } as typeof connect;
  return dials;
}
