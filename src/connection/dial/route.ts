import { isIP } from 'node:net';
import { isPathEndpoint, type Endpoint } from '../../primitives/endpoint.js';
import type { ResolvedOptions } from '../options/options.js';

const numbers: WeakMap<object, number> = new WeakMap();
let numbered = 0;

function numberOf(value: object): number {
  let number = numbers.get(value);
  if (number === undefined) {
    numbered += 1;
    number = numbered;
    numbers.set(value, number);
  }
  return number;
}

/** The options that a gate is chosen by. */
export type RouteOptions = Pick<ResolvedOptions, 'blockList' | 'dial' | 'lookup' | 'prelude' | 'tls'>;

/**
 * The route of a dial, as text: where it goes and from where, as far as the options say so. By default it is empty. Dials by another
 * route say nothing about this one: a look-up of the user's may lead anywhere, a local address may have no way to the endpoint, and
 * the first of several addresses may be the one that does not answer.
 */
export function routeOf(endpoint: Endpoint, { dial, lookup, blockList }: RouteOptions): string {
  if (isPathEndpoint(endpoint)) return '';
  const { localAddress = '', localPort = 0 } = dial;
  const isName = isIP(endpoint.host) === 0;
  const { family = 0, hints = 0, autoSelectFamily = true } = isName ? dial : {};
  const parts = [
    localAddress,
    localPort || '',
    blockList ? numberOf(blockList) : '',
    isName && lookup ? numberOf(lookup) : '',
    family || '',
    hints || '',
    autoSelectFamily ? '' : 'first',
  ];
  return parts.some((part) => part !== '') ? parts.join(' ') : '';
}
