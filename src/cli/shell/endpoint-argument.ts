import { isIPv6 } from 'node:net';
import { printable } from '../../primitives/printable.js';
import type { Endpoint } from '../../index.js';
import { UsageError } from './usage-error.js';

/** An endpoint as it was given, and what it is. */
export interface NamedEndpoint {
  readonly name: string;
  readonly endpoint: Endpoint;
}

const form = 'host:port, [IPv6 address]:port or a path with a slash';

/**
 * Reads `host:port`, `[::1]:port`, the path of a Unix socket, which has a slash, or `@name`, a name in the abstract namespace
 * of Linux. Throws a `UsageError`, which repeats nothing that may contain a password.
 */
export function readEndpoint(text: string): NamedEndpoint {
  if (/^(?:[a-z][a-z\d+.-]*:\/\/|unix:[./])/i.test(text)) throw new UsageError(`expected ${form}, got a URL`);
  const name = printable(text);
  if (/^@.|[/\\]/.test(text)) return { name, endpoint: { path: text.replace(/^@/, '\0') } };
  if (text.includes('@')) throw new UsageError(`expected ${form}, without a user`);
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(text) ?? [];
  if (isIPv6(text.replace(/:\d+$/, '')) || isIPv6(text)) {
    throw new UsageError(`${name}: an IPv6 address needs brackets, as in [::1]:6379`);
  }
  const host = bracketed ?? plain;
  const isHost = bracketed === undefined ? /^[^\s\p{Cc}]+$/u.test(plain ?? '') : isIPv6(bracketed);
  if (host === undefined || !isHost) throw new UsageError(`expected ${form}, got ${name || 'nothing'}`);
  return { name, endpoint: { host, port: readPort(name, port) } };
}

function readPort(name: string, text: string | undefined): number {
  if (!text) throw new UsageError(`${name}: the port is missing; expected ${form}`);
  const port = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (port >= 1 && port <= 65_535) return port;
  throw new UsageError(`${name}: expected a port from 1 to 65535, got ${printable(text)}`);
}
