import type { Endpoint } from '../../index.js';
import type { Arguments } from '../shell/arguments.js';
import { readEndpoint } from '../shell/endpoint-argument.js';
import { UsageError } from '../shell/usage-error.js';
import { protocols, type Protocol } from './protocols.js';

/** A server that runs already, and its protocol. */
export interface Target {
  readonly endpoint: Endpoint;
  readonly protocol: Protocol;
}

/** Returns the server to ping, or `'own'` if no argument names one. */
export function readTarget(given: Arguments): Target | 'own' {
  const [operand, another] = given.operands;
  const name = given.text('protocol');
  if (another !== undefined) throw new UsageError(`expected one endpoint, got ${given.operands.length}`);
  if (operand === undefined) {
    if (name !== undefined) throw new UsageError('--protocol: expected an endpoint as well');
    return 'own';
  }
  const { endpoint } = readEndpoint(operand);
  if (name === undefined || isProtocol(name)) return { endpoint, protocol: protocols[name ?? 'echo'] };
  throw new UsageError(`--protocol: expected ${Object.keys(protocols).join(' or ')}, got another`);
}

function isProtocol(name: string): name is keyof typeof protocols {
  return Object.hasOwn(protocols, name);
}
