import { defaultManager } from '../index.js';
import { formatHostPort } from '../primitives/endpoint.js';
import { now } from '../primitives/time.js';
import { PageServer } from './http/page-server.js';
import { Viewers, type Show } from './http/viewers.js';
import { readMonitorOptions, type MonitorOptions } from './options.js';
import { Recording } from './recording.js';
import { Subscription } from './subscription.js';
import { Surveyor } from './surveyor.js';
import { textReport } from './text-report.js';
import { Views } from './views.js';

/** How often who looks is told what is new, in milliseconds. */
const interval = 1_000;

/**
 * A page that shows the connections of a program, until it is closed.
 *
 * @example
 * ```ts
 * import { startMonitor } from 'connman/monitor';
 *
 * await using monitor = await startMonitor({ port: 9229 });
 * console.log(monitor.url);
 * ```
 */
export interface Monitor {
  /** The address of the page, without its token. `undefined` for a Unix socket. */
  readonly url: string | undefined;
  /** The path of its Unix socket, if it has one. */
  readonly path: string | undefined;
  /** Ends the page, and what it records; resolves once nothing is left of it. */
  close(): Promise<void>;
  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a page that shows which servers are ill, since when, why, and what was lost. It can only be read, and has nothing of what
 * your application sends or reads. While the page is closed, changes of state are kept, in at most 256 kB; the rest is asked for
 * while it is open. The page keeps no process alive. `GET /text` gives the same as text.
 * @throws `OptionError` for a wrong option; (rejects) the error of Node.js where it cannot listen.
 *
 * @example
 * ```ts
 * import { startMonitor } from 'connman/monitor';
 *
 * const { url } = await startMonitor();
 * console.log(`see ${url}`);
 * ```
 */
export async function startMonitor(options: MonitorOptions = {}): Promise<Monitor> {
  const { manager = defaultManager, host, port, path, token } = readMonitorOptions(options);
  const recording = new Recording(now());
  const subscription = new Subscription(manager, recording);
  const surveyor = new Surveyor(manager, recording);
  const viewers = new Viewers(showOf(recording, subscription, surveyor), interval);
  const server = new PageServer({ host, port, path }, token, viewers);
  await server.start();
  subscription.start();
  const close = (): Promise<void> => {
    subscription.stop();
    return server.stop();
  };
  const url = path === undefined ? `http://${formatHostPort(host, server.port)}/` : undefined;
  return Object.freeze({ url, path, close, [Symbol.asyncDispose]: close });
}

/** What viewers are shown of a recording. */
function showOf(recording: Recording, subscription: Subscription, surveyor: Surveyor): Show {
  const views = new Views(recording);
  return {
    full: (at) => views.full(surveyor, at),
    update: (at) => views.update(surveyor, at),
    text: (at) => textReport(new Views(recording).full(surveyor, at)),
    look: (isLooking) => {
      subscription.look(isLooking);
      if (isLooking) recording.followedSince = now();
      else {
        views.forget();
        recording.forgetPace(now());
      }
    },
  };
}
