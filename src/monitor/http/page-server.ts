import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { assets } from '../page/assets.js';
import { refusalOf, type Refusal, type Served } from './guard.js';
import { listen, type Place } from './listen.js';
import type { Viewers } from './viewers.js';

/** The most sockets at a time. */
const mostSockets = 64;
/** How long a request may take to arrive, in milliseconds. */
const patience = 10_000;

const always: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': policyOf(assets),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Serves the page, its events and its text. */
export class PageServer {
  readonly #server: Server;
  readonly #viewers: Viewers;
  readonly #place: Place;
  readonly #token: string | undefined;
  #tidy: () => void = () => undefined;

  constructor(place: Place, token: string | undefined, viewers: Viewers) {
    this.#place = place;
    this.#token = token;
    this.#viewers = viewers;
    const limits = {
      headersTimeout: patience,
      requestTimeout: patience,
      connectionsCheckingInterval: patience,
      // Two of `Host` are no name that is expected.
      joinDuplicateHeaders: true,
    };
    this.#server = createServer(limits, (request, response) => this.#answer(request, response));
    this.#server.maxConnections = mostSockets;
    // The page keeps no process alive.
    this.#server.on('connection', (socket) => socket.unref());
  }

  /** The port that it listens on; 0 for a Unix socket. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  async start(): Promise<void> {
    this.#tidy = await listen(this.#server, this.#place);
    this.#server.unref();
  }

  /** Ends all requests; resolves once nothing is left. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    this.#tidy();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of Object.entries(always)) response.setHeader(name, value);
    const served: Served = {
      host: this.#place.path === undefined ? this.#place.host : undefined,
      token: this.#token,
      // Cookies do not know ports.
      cookie: `connman-${this.port}`,
    };
    const refusal = refusalOf(request, served);
    if (refusal) refuse(response, refusal);
    else this.#serve(request, response);
  }

  #serve({ url = '', method }: IncomingMessage, response: ServerResponse): void {
    const [path] = url.split('?', 1);
    if (path === '/') end(response, 'text/html', assets.html);
    else if (path !== '/events' && path !== '/text')
      refuse(response, { status: 404, text: 'there is nothing here' });
    else if (method === 'HEAD') end(response, path === '/text' ? 'text/plain' : 'text/event-stream', '');
    else if (!this.#show(path, response)) refuse(response, { status: 503, text: 'too many look already' });
  }

  #show(path: string, response: ServerResponse): boolean {
    if (path === '/events') return this.#viewers.add(response);
    return this.#viewers.tell(response, (text) => end(response, 'text/plain', text));
  }
}

function refuse(response: ServerResponse, { status, text, headers = {} }: Refusal): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // What else was sent is not read.
  response.setHeader('connection', 'close');
  end(response, 'text/plain', `${text}\n`);
}

function end(response: ServerResponse, type: string, text: string): void {
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.end(text);
}

/** The page may run its own script and nothing else, and talk to its own server only. */
function policyOf({ script, style }: typeof assets): string {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}
