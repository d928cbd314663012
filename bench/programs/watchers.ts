import type { ConnectionOptions } from 'connman';
import type { Socket } from 'node:net';

/** A way to find out that nothing has been read from a connection for an interval. */
export interface Watcher {
  /** What connman is told. */
  options(interval: number, ping: () => void): ConnectionOptions;
  /** What a program does by itself, for each connection. */
  watch(socket: Socket, interval: number, ping: () => void): void;
}

/** What connman promises: to be at most so late, in milliseconds or as a part of the deadline. */
const tolerance = { time: 50, part: 0.05 };
/** Late by up to a period is the look that sees the last byte, the one that pings, and the one that ends the life. */
const lateLooks = 3;

/** How often a timer has to look for the same promise; the deadline is that of a timeout as long as the interval. */
function periodFor(interval: number): number {
  return Math.max(tolerance.time, tolerance.part * 2 * interval) / lateLooks;
}

function nothing(): ConnectionOptions {
  return {};
}

/** The watchers, by name. */
const watchers = {
  /** Nobody watches: what the process takes by itself. */
  none: { options: nothing, watch: () => {} },
  sweep: {
    options: (interval, ping) => ({ heartbeat: { interval, timeout: interval, ping } }),
    watch: () => {},
  },
  /** What a program would write: an interval for each connection, which compares the same counter. */
  intervals: {
    options: nothing,
    watch(socket, interval, ping) {
      let bytes = socket.bytesRead;
      let readAt = performance.now();
      setInterval(() => {
        const now = performance.now();
        if (socket.bytesRead !== bytes) {
          bytes = socket.bytesRead;
          readAt = now;
        } else if (now - readAt >= interval) ping();
      }, periodFor(interval)).unref();
    },
  },
} satisfies Record<string, Watcher>;

/** The name of one of the {@link watchers}. */
export type WatcherName = keyof typeof watchers;

/** The watcher of that name. */
export function watcherNamed(name: string | undefined): Watcher {
  for (const [known, watcher] of Object.entries(watchers)) if (known === name) return watcher;
  throw new TypeError(`watcher: expected one of ${Object.keys(watchers).join(', ')}, got ${name}`);
}
