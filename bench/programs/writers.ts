import { connect as connectManaged } from 'connman';
import { connect, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';

/** Where the server is: a port or a path; with the certificate to trust, over TLS. */
export interface Where {
  readonly to: string;
  readonly ca: string;
}

/** What uses a socket: it writes with the function that it is given. */
export interface User {
  begin(socket: Socket, write: (message: Buffer) => boolean): void;
  hear(chunk: Buffer): void;
}

type Open = (where: Where, user: User) => void;

function endpointOf({ to }: Where): { port: number; host: string } | { path: string } {
  return Number.isNaN(Number(to)) ? { path: to } : { port: Number(to), host: '127.0.0.1' };
}

type Wrap = (socket: Socket) => (message: Buffer) => boolean;

function bare(prepare: (socket: Socket) => void, wrap: Wrap): Open {
  return (where, user) => {
    const endpoint = endpointOf(where);
    const { ca } = where;
    const socket = ca ? connectSecure({ ...endpoint, ca, servername: 'localhost' }) : connect(endpoint);
    prepare(socket);
    const write = wrap(socket);
    socket.once(ca ? 'secureConnect' : 'connect', () => user.begin(socket, write));
    socket.on('data', (chunk) => user.hear(chunk));
  };
}

function plainly(socket: Socket): (message: Buffer) => boolean {
  return (message) => socket.write(message);
}

/** As it is written by hand: all of a turn together. */
function corking(socket: Socket): (message: Buffer) => boolean {
  let isCorked = false;
  const uncork = (): void => {
    isCorked = false;
    socket.uncork();
  };
  return (message) => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      process.nextTick(uncork);
    }
    return socket.write(message);
  };
}

function managed(options: object): Open {
  return (where, user) => {
    const { ca } = where;
    const handler = {
      onConnect: (socket: Socket) => user.begin(socket, plainly(socket)),
      onData: (chunk: Buffer) => user.hear(chunk),
    };
    connectManaged(endpointOf(where), handler, {
      ...options,
      ...(ca && { tls: { ca, servername: 'localhost' } }),
    });
  };
}

/** Who writes, by name. */
const writers = {
  bare: bare(() => undefined, plainly),
  'bare, setNoDelay(true)': bare((socket) => void socket.setNoDelay(true), plainly),
  'bare, corked by hand': bare((socket) => void socket.setNoDelay(true), corking),
  connman: managed({}),
  'connman, autoCork: false': managed({ autoCork: false }),
} satisfies Record<string, Open>;

/** The name of one of the {@link writers}. */
export type WriterName = keyof typeof writers;

/** The one of that name. */
export function writerNamed(name: string | undefined): Open {
  for (const [known, open] of Object.entries(writers)) if (known === name) return open;
  throw new TypeError(`writer: expected one of ${Object.keys(writers).join(', ')}, got ${name}`);
}
