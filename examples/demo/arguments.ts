import { parseArgs } from 'node:util';
import type { Endpoint } from 'connman';
import { type Protocol, protocols } from './protocols.js';

export const usage = 'usage: npm run demo [-- --port PORT [--host HOST] [--protocol echo|memcached]]';

/** A server that runs already, and its protocol. */
export interface Target {
  readonly endpoint: Endpoint;
  readonly protocol: Protocol;
}

const options = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string' },
  protocol: { type: 'string', default: 'echo' },
} as const;

/** Returns the server to ping, or `'own'` if no argument names one; `undefined` if the arguments are wrong. */
export function readArguments(args: string[]): Target | 'own' | undefined {
  if (args.length === 0) return 'own';
  try {
    const { host, port, protocol } = parseArgs({ args, options }).values;
    if (host === '' || !isPort(port) || !isProtocol(protocol)) return undefined;
    return { endpoint: { host, port: Number(port) }, protocol: protocols[protocol] };
  } catch {
    return undefined;
  }
}

function isPort(text = ''): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

function isProtocol(name: string): name is keyof typeof protocols {
  return Object.hasOwn(protocols, name);
}
