/** A SOCKS proxy, by the package `socks`, as a prelude: `connect(1080, proxy, handler, { prelude: socks(target), tls: true })`. */
import { FatalError, type Prelude } from 'connman';
import { SocksClient, type SocksProxy } from 'socks';

/** The version of the protocol, and a login, if the proxy asks for one. */
type Proxy = Partial<Pick<SocksProxy, 'type' | 'userId' | 'password'>>;

export function socks(target: { host: string; port: number }, { type = 5, ...login }: Proxy = {}): Prelude {
  const prelude: Prelude = async (socket, { endpoint }) => {
    const { host = 'localhost', port = 1080 } = endpoint;
    const proxy = { host, port, type, ...login };
    const command = 'connect' as const;
    try {
      await SocksClient.createConnection({ proxy, command, destination: target, existing_socket: socket });
    } catch (error) {
      if (/Authentication failed/.test(String(error)))
        throw new FatalError('wrong password', { cause: error });
      throw error;
    }
    // In the next turn, the package emits what came after the answer.
    const rest: Buffer[] = [];
    const keep = (chunk: Buffer): void => void rest.push(chunk);
    socket.on('data', keep);
    await new Promise((resolve) => setImmediate(resolve));
    socket.pause().removeListener('data', keep);
    if (rest.length > 0) socket.unshift(Buffer.concat(rest));
  };
  return Object.assign(prelude, { target: `${target.host}:${target.port}` });
}
