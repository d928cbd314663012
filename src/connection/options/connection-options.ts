import type { BlockList, LookupFunction, OnReadOpts } from 'node:net';
import type { Backoff, ExponentialOptions } from '../../backoff/index.js';
import type { Prelude } from '../socket/prelude-socket.js';
import type { TlsSource } from '../tls/asked.js';
import type { TlsOptions } from '../tls/options.js';
import type { Failure } from '../stats/counters.js';
import type { Handler } from '../handler/connection.js';
import type { Heartbeat } from '../liveness/heartbeat.js';
import type { MaxAge } from '../liveness/max-age.js';

/**
 * The options of a connection. All times are in milliseconds. An option that is `undefined` counts as absent. The options of
 * the `net.Socket` constructor and of `socket.connect()` apply to every life, and mean what they mean in Node.js.
 */
export interface ConnectionOptions<H extends Handler = Handler> {
  /**
   * Secures every life by TLS. The options are those of `tls.connect()`, with Node's own defaults; `true` stands for none. A
   * function is asked for the options of each dial: when it throws, rejects or does not answer, the dial has failed (phase
   * `tls`), and when its answer is wrong, the connection is closed with the code `fatal`.
   * @default no TLS
   */
  tls?: true | TlsOptions | TlsSource | undefined;
  /**
   * What is said in each dial after TCP is up, before TLS and before `onConnect`: to a proxy, or to a server that begins in plain
   * text. Meanwhile the link is down.
   * @default nothing
   */
  prelude?: Prelude | undefined;
  /**
   * The limit for one dial: DNS, TCP, the prelude and TLS together, and the answer of `tls` where that is a function.
   * @default 10 000
   */
  connectTimeout?: number | undefined;
  /**
   * The limit for the promise of `onConnect` or `onReconnect`.
   * @default 10 000
   */
  handshakeTimeout?: number | undefined;
  /**
   * The wait before each dial: options of `exponential()`, or a {@link Backoff}.
   * @default exponential()
   */
  backoff?: Backoff | ExponentialOptions | undefined;
  /**
   * A life that lasts for this long takes the backoff back to its beginning.
   * @default 5 000
   */
  stableAfter?: number | undefined;
  /**
   * How many dials and handshakes may fail in a row. Then the connection is closed, with the code `gave-up`. In a pool, failed
   * handshakes are counted for all connections to one endpoint together. `onClose` and `ready()` tell it; where neither is used, a
   * process warning does (`CONNMAN_GAVE_UP`).
   * @default Infinity
   */
  maxAttempts?: number | undefined;
  /**
   * Is asked after each failed dial and each failed handshake whether another dial follows. With `false`, the connection is
   * closed with the code `fatal`, which is told as for `maxAttempts`. It is not asked where the connection is closed anyway: after a
   * `FatalError`, and at `maxAttempts`.
   * @default another dial follows
   */
  shouldRetry?: ((failure: Failure) => boolean) | undefined;
  /**
   * Finds a dead or frozen peer; then the life ends, with the code `heartbeat`.
   * @default no heartbeat
   */
  heartbeat?: Heartbeat<H> | undefined;
  /**
   * Ends the life, with the code `idle`, when nothing was read for this long. 0 means never.
   * @default 0
   */
  idleTimeout?: number | undefined;
  /**
   * Retires a life at this age, with the code `max-age`: see `connection.retire()`. The age varies by 10 %, so that many lives do
   * not end at the same time. A leased life goes on until its lease is released. 0 means never. In a pool, `{ age, overlap: true }`
   * lets another connection be ready first.
   * @default 0
   */
  maxAge?: number | MaxAge | undefined;
  /**
   * Ends the life, with the code `max-buffered`, when more bytes than this wait to be sent, as `writableLength` counts them. 0
   * means no limit.
   * @default 0
   */
  maxBuffered?: number | undefined;
  /**
   * Sends small writes together: the first write of a turn of the event loop leaves at once, those after it in one system call, at
   * `process.nextTick`, or with `end()`, `destroy()`, your own `cork()` or the end of the process. In the middle of bursts, the first
   * one waits as well. Over TLS, Node.js does this by itself.
   * @default true
   */
  autoCork?: boolean | undefined;
  /**
   * `'life'` removes the listeners that were added to the socket during a life when that life ends. Use it for protocol clients
   * that attach to the socket in each life and leave their listeners behind.
   * @default 'keep'
   */
  listeners?: 'keep' | 'life' | undefined;
  /**
   * All connections with this option read into one buffer. A chunk is valid only inside `onData`.
   * @default false
   */
  reuseReadBuffer?: boolean | undefined;
  /** Aborting it disconnects; the close code is `aborted`. */
  signal?: AbortSignal | undefined;

  /**
   * As in Node.js.
   * @default true
   */
  noDelay?: boolean | undefined;
  /**
   * As in Node.js.
   * @default true
   */
  keepAlive?: boolean | undefined;
  /**
   * As in Node.js: 0, which means the default of the system, or at least 1 000, as Node.js cuts smaller values to 0.
   * @default 15 000
   */
  keepAliveInitialDelay?: number | undefined;
  /**
   * Keeps your side open after the peer has ended, if the socket has a listener for `'end'`. Then your application must end it.
   * @default false
   */
  allowHalfOpen?: boolean | undefined;
  /** As in Node.js. */
  highWaterMark?: number | undefined;
  /** As in Node.js. Not with `tls`. */
  readableHighWaterMark?: number | undefined;
  /** As in Node.js. Not with `tls`. */
  writableHighWaterMark?: number | undefined;
  /** Reads into your own buffer. The socket has no `'data'` events then, so the handler must have no `onData`. */
  onread?: OnReadOpts | undefined;
  /** As in Node.js: addresses that are never dialled. */
  blockList?: BlockList | undefined;

  /** As in Node.js. */
  family?: 0 | 4 | 6 | undefined;
  /** As in Node.js. */
  hints?: number | undefined;
  /** As in Node.js. Called for each dial to a host name. */
  lookup?: LookupFunction | undefined;
  /** As in Node.js. */
  localAddress?: string | undefined;
  /** As in Node.js. A dial may fail (`EADDRNOTAVAIL`), as the last life may still occupy the port. */
  localPort?: number | undefined;
  /** As in Node.js. */
  autoSelectFamily?: boolean | undefined;
  /** As in Node.js. */
  autoSelectFamilyAttemptTimeout?: number | undefined;
  /** As `socket.setTimeout()`: the socket emits `'timeout'` after a silence of this length. It does not end the life. */
  timeout?: number | undefined;
}
