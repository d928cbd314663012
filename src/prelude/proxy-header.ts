import { isIPv6 } from 'node:net';
import type { Prelude, PreludeSocket } from '../connection/index.js';
import { oneOf, readOptions } from '../primitives/checks.js';

/** The options of {@link proxyHeader}. */
export interface ProxyHeaderOptions {
  /** 1: a line of text. 2: the binary form. */
  version: 1 | 2;
}

/** The two ends of a link. */
interface Ends {
  readonly isV6: boolean;
  readonly from: string;
  readonly to: string;
  readonly fromPort: number;
  readonly toPort: number;
}

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/**
 * A prelude that sends a PROXY protocol header, with the addresses of the link itself, to a server or load balancer that demands
 * one. Over a Unix socket it says that the addresses are unknown (version 1), or that the link is local (version 2).
 *
 * @throws `OptionError` for another version.
 *
 * @example
 * ```ts
 * import { connect } from 'connman';
 * import { proxyHeader } from 'connman/prelude';
 *
 * connect(6379, 'balancer.example.com', { onConnect: () => {} }, { prelude: proxyHeader({ version: 2 }) });
 * ```
 */
export function proxyHeader(options: ProxyHeaderOptions): Prelude {
  const given = readOptions<ProxyHeaderOptions>('options', options, { version: oneOf(1, 2) });
  oneOf(1, 2)('options.version', given.version);
  const encode = given.version === 1 ? textHeader : binaryHeader;
  return (socket) => void socket.write(encode(endsOf(socket)));
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: PreludeSocket): Ends | undefined {
  if (localAddress === undefined || remoteAddress === undefined) return undefined;
  const [from, to] = [plain(localAddress), plain(remoteAddress)];
  return { isV6: isIPv6(from), from, to, fromPort: localPort ?? 0, toPort: remotePort ?? 0 };
}

/** Without the zone of an address, and without the prefix of an IPv4 address in IPv6. */
function plain(address: string): string {
  return address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
}

function textHeader(ends: Ends | undefined): Buffer {
  if (!ends) return Buffer.from('PROXY UNKNOWN\r\n');
  const { isV6, from, to, fromPort, toPort } = ends;
  return Buffer.from(`PROXY ${isV6 ? 'TCP6' : 'TCP4'} ${from} ${to} ${fromPort} ${toPort}\r\n`);
}

function binaryHeader(ends: Ends | undefined): Buffer {
  // Version 2 and the command LOCAL, of no family, with nothing to follow.
  if (!ends) return Buffer.concat([signature, Buffer.of(0x20, 0, 0, 0)]);
  const { isV6, from, to, fromPort, toPort } = ends;
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(fromPort, 0);
  ports.writeUInt16BE(toPort, 2);
  const addresses = Buffer.concat([bytesOf(from), bytesOf(to), ports]);
  // Version 2 and the command PROXY, TCP over the family, and the length.
  return Buffer.concat([signature, Buffer.of(0x21, isV6 ? 0x21 : 0x11, 0, addresses.length), addresses]);
}

function bytesOf(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  // The last 32 bits may be in the form of IPv4.
  const hex = address.replace(/\d+\.\d+\.\d+\.\d+$/, (v4) => {
    const [a = 0, b = 0, c = 0, d = 0] = v4.split('.').map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = '', tail] = hex.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((each) => Number.parseInt(each, 16));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const middle = tail === undefined ? [] : Array.from({ length: 8 - first.length - last.length }, () => 0);
  return Buffer.from([...first, ...middle, ...last].flatMap((each) => [each >> 8, each & 255]));
}
