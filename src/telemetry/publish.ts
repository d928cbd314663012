import { channel, type Channel } from 'node:diagnostics_channel';

/** A channel, and what is published to it. */
export interface TypedChannel<Payload> extends Pick<Channel, 'hasSubscribers'> {
  publish(payload: Payload): void;
}

/** The channel of that name. To be kept: Node.js itself holds a channel weakly. */
export function open<Payload>(name: string): TypedChannel<Payload> {
  return channel(name);
}

/** Makes the payload and publishes it, if anybody listens. No rest arguments, which would be an array for every event. */
export function publish<Payload, Source, A = undefined, B = undefined, C = undefined>(
  to: TypedChannel<Payload>,
  payload: (source: Source, a: A, b: B, c: C) => Payload,
  source: Source,
  a?: A,
  b?: B,
  c?: C,
): void {
  if (to.hasSubscribers) to.publish(Object.freeze(payload(source, a as A, b as B, c as C)));
}
