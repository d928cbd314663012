import type { LookupAddress } from 'node:dns';
import { isIP, isIPv6, type BlockList, type LookupFunction, type SocketConnectOpts } from 'node:net';
import { isPathEndpoint, type Endpoint } from '../../primitives/endpoint.js';
import { dialNames, lookupNames, ownOptions } from '../../primitives/own-options.js';
import type { Dial } from './dial.js';
import { askLookup } from './lookup-answer.js';
import { systemLookups } from '../lookup/system-lookups.js';
import type { ResolvedOptions } from '../options/options.js';

/** What a look-up has to do with its dial. */
type DialState = Pick<Dial, 'phase' | 'isCurrent'>;

/**
 * A lookup whose first answer counts, and only while its dial is going on. `destroy()` does not cancel a lookup, and Node.js would
 * apply its late answer to the next dial. Look-ups by the system are shared by all dials; a function of the user's is called
 * for each dial.
 */
export function guardLookup(
  lookup: LookupFunction | undefined,
  blockList: BlockList | undefined,
  dial: DialState,
): LookupFunction {
  let isAnswered = false;
  dial.phase = 'lookup';
  return (hostname, options, answer) => {
    const own = ownOptions(lookupNames, options);
    const guarded: typeof answer = (error, address, family) => {
      if (isAnswered || !dial.isCurrent) return;
      isAnswered = true;
      if (!error) dial.phase = 'connect';
      if (error || !blockList) answer(error, address, family);
      else answerAllowed(blockList, address, family, answer);
    };
    // Not within `connect()`, when the socket of this dial may not be ours yet.
    if (lookup) process.nextTick(() => dial.isCurrent && askLookup(lookup, hostname, own, guarded));
    else systemLookups().lookup(hostname, own, dial, guarded);
  };
}

/**
 * What to dial an endpoint with.
 * @throws the error of Node.js for a blocked address, where the endpoint is one and needs no lookup.
 */
export function dialOptions(
  endpoint: Endpoint,
  { dial: options, lookup, blockList }: ResolvedOptions,
  dial: DialState,
): SocketConnectOpts {
  if (isPathEndpoint(endpoint)) return ownOptions(dialNames, { path: endpoint.path });
  const { host, port } = endpoint;
  if (host !== last?.host && isIP(host) === 0) {
    return Object.assign(ownOptions(dialNames, options), {
      host,
      port,
      lookup: guardLookup(lookup, blockList, dial),
    });
  }
  if (blockList && isBlocked(blockList, host)) throw blockedError(host);
  return addressOptions(host, port, options);
}

/**
 * What the last dial to an address was told, which holds nothing of that dial alone: many dials go to one address. It has a part in
 * the figure of `primitives/endpoint.ts`.
 */
let last: AddressDial | undefined;

interface AddressDial {
  readonly options: object;
  readonly host: string;
  readonly port: number;
  readonly told: SocketConnectOpts;
}

function addressOptions(host: string, port: number, options: object): SocketConnectOpts {
  if (last?.options !== options || last.host !== host || last.port !== port) {
    const told = Object.assign(ownOptions(dialNames, options), { host, port });
    last = { options, host, port, told };
  }
  return last.told;
}

function answerAllowed(
  blockList: BlockList,
  address: string | LookupAddress[],
  family: number | undefined,
  answer: Parameters<LookupFunction>[2],
): void {
  if (typeof address === 'string') {
    answer(isBlocked(blockList, address) ? blockedError(address) : null, address, family);
    return;
  }
  const allowed = address.filter((candidate) => !isBlocked(blockList, candidate.address));
  if (allowed.length > 0) answer(null, allowed, family);
  else answer(blockedError(address.map((candidate) => candidate.address).join(', ')), allowed, family);
}

function isBlocked(blockList: BlockList, address: string): boolean {
  return isIP(address) !== 0 && blockList.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

function blockedError(address: string): Error {
  return Object.assign(new Error(`IP(${address}) is blocked by net.BlockList`), { code: 'ERR_IP_BLOCKED' });
}
