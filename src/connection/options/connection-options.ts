import type { BlockList, LookupFunction, OnReadOpts } from 'node:net';
import type { Backoff, ExponentialOptions } from '../../backoff/index.js';
import type { TlsOptions } from '../tls/options.js';
import type { Heartbeat } from '../liveness/heartbeat.js';

/**
 * Options of one connection; all times in milliseconds. Those of the `net.Socket` constructor and of
 * `socket.connect()` mean what they mean in Node.js, on every life.
 */
export interface ConnectionOptions {
  /** Secures every life by TLS, with Node's own options and defaults; `true` for no options. Default: plain TCP. */
  tls?: true | TlsOptions | undefined;
  /** The longest one dial may take: DNS, TCP and TLS together. Default 10 000. */
  connectTimeout?: number | undefined;
  /** The longest the promise of `onConnect` or `onReconnect` may take. Default 10 000. */
  handshakeTimeout?: number | undefined;
  /** How long to wait before a dial: options of `exponential()`, or a backoff of your own. Default `exponential()`. */
  backoff?: Backoff | ExponentialOptions | undefined;
  /** A life shorter than this does not take the backoff back to its beginning. Default 5 000. */
  stableAfter?: number | undefined;
  /** How many dials may fail in a row before the connection gives up and is closed. Default Infinity. */
  maxAttempts?: number | undefined;
  /** Finds a dead or frozen peer. Default: none. */
  heartbeat?: Heartbeat | undefined;
  /** Nothing read for so long ends the life (code `idle`). Default 0: never. */
  idleTimeout?: number | undefined;
  /**
   * A life of this age, give or take 10 % so that many do not end together, is ended (code `max-age`): what was written
   * is sent first. Default 0: never.
   */
  maxAge?: number | undefined;
  /** More bytes than this waiting to be sent, as `writableLength` counts them, end the life (code `max-buffered`). Default 0: no limit. */
  maxBuffered?: number | undefined;
  /**
   * `'life'`: listeners that anybody adds to the socket during a life are removed when it ends. For protocol clients
   * that attach themselves anew in each life, and leave theirs behind. Default `'keep'`.
   */
  listeners?: 'keep' | 'life' | undefined;
  /** All connections with this option read into one buffer: a chunk is valid only inside `onData`. Default false. */
  reuseReadBuffer?: boolean | undefined;
  /** Aborting it disconnects. */
  signal?: AbortSignal | undefined;

  /** Default true. */
  noDelay?: boolean | undefined;
  /** Default true. */
  keepAlive?: boolean | undefined;
  /** 0, the system's default, or at least 1 000: Node.js cuts less to nothing. Default 15 000. */
  keepAliveInitialDelay?: number | undefined;
  /**
   * Your side stays open when the peer has ended, as long as somebody listens for `'end'`: who listens must end it.
   * Default false.
   */
  allowHalfOpen?: boolean | undefined;
  highWaterMark?: number | undefined;
  readableHighWaterMark?: number | undefined;
  writableHighWaterMark?: number | undefined;
  /** Reads into a buffer of yours; there are no `'data'` events then, so the handler must have no `onData`. */
  onread?: OnReadOpts | undefined;
  /** Addresses never to connect to. */
  blockList?: BlockList | undefined;

  family?: 0 | 4 | 6 | undefined;
  hints?: number | undefined;
  lookup?: LookupFunction | undefined;
  localAddress?: string | undefined;
  /** Beware: a reconnect may find this port still taken by the life before it (`EADDRNOTAVAIL`). */
  localPort?: number | undefined;
  autoSelectFamily?: boolean | undefined;
  autoSelectFamilyAttemptTimeout?: number | undefined;
  /** As `socket.setTimeout()`: `'timeout'` is emitted after so much silence; nothing is closed. */
  timeout?: number | undefined;
}
