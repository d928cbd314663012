import { channel, type Channel } from 'node:diagnostics_channel';
import { setSource } from './sources.js';

/** A channel with the type of its messages. */
export interface TypedChannel<Payload> extends Pick<Channel, 'hasSubscribers'> {
  publish(payload: Payload): void;
}

/** The channel of that name. The caller has to keep it: Node.js holds a channel weakly. */
export function open<Payload>(name: string): TypedChannel<Payload> {
  return channel(name);
}

/** Makes and publishes a message, if the channel has a subscriber. The arguments are listed, as rest arguments allocate. */
export function publish<Payload, Source, A = undefined, B = undefined, C = undefined>(
  to: TypedChannel<Payload>,
  payload: (source: Source, a: A, b: B, c: C) => Payload,
  source: Source,
  a?: A,
  b?: B,
  c?: C,
): void {
  if (!to.hasSubscribers) return;
  const message = Object.freeze(payload(source, a as A, b as B, c as C));
  const before = setSource(source as object);
  // What a subscriber throws is not thrown here.
  to.publish(message);
  setSource(before);
}
