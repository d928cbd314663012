import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { domainToASCII } from 'node:url';
import { callable, check, isObject } from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';
import { arrange, familiesToAsk, readWanted, systemReach, type Wanted } from './families.js';
import { hostKey, localAddresses, systemHosts, type Hosts } from './hosts-file.js';
import { codeOf, isEmptyAnswer, LookUp, type LookUpSettings } from './look-up.js';
import { candidates, systemSearchList, type SearchList } from './search-list.js';

/** What the files of this host say. */
export interface LocalNames {
  readonly hosts: { readonly contents: Hosts };
  readonly searchList: { readonly contents: SearchList };
}

let system: LocalNames | undefined;

/** Made when it is asked for: a bundle that looks up no name leaves it out. */
function systemNames(): LocalNames {
  system ??= { hosts: systemHosts(), searchList: systemSearchList() };
  return system;
}

/** Milliseconds that a look-up may take. */
export const defaultTimeout = 5_000;

type Answer = Parameters<LookupFunction>[2];

/** Makes a function like `dns.lookup()` that asks name servers, after what this host says itself. */
export function lookupOf(settings: LookUpSettings, names: LocalNames = systemNames()): LookupFunction {
  return (hostname, options, answer) => {
    hostText('hostname', hostname);
    if (!isObject(options)) throw new OptionError('options', 'an object', options);
    callable('answer', answer);
    const wanted = readWanted(options);
    // Not in the promise: what the answer throws is an uncaught exception, as with `dns.lookup()`.
    addressesOf(hostname, wanted, settings, names).then(
      (addresses) => process.nextTick(tell, addresses, options, answer),
      (error: unknown) => process.nextTick(answer, error as NodeJS.ErrnoException, []),
    );
  };
}

const hostText = check('a host name', (value) => typeof value === 'string' && value !== '');

function tell(addresses: LookupAddress[], { all }: LookupOptions, answer: Answer): void {
  const [first] = addresses;
  if (all || !first) answer(null, addresses);
  else answer(null, first.address, first.family);
}

async function addressesOf(
  hostname: string,
  wanted: Wanted,
  settings: LookUpSettings,
  names: LocalNames,
): Promise<LookupAddress[]> {
  if (isIP(hostname)) return [{ address: hostname, family: isIP(hostname) }];
  const reach = systemReach();
  const name = asciiOf(hostname);
  // A name of this host is not asked for elsewhere: the answer would be another host.
  for (const written of [names.hosts.contents.get(hostKey(name)) ?? [], localAddresses(name)]) {
    const own = arrange(written, wanted, reach);
    if (own.length > 0) return own;
  }
  const families = familiesToAsk(wanted, reach);
  if (families.length === 0) throw notFound(hostname);
  const lookUp = new LookUp(settings);
  const list = candidates(name, names.searchList.contents);
  try {
    const found = await firstFound(list, async (each) =>
      arrange(await ask(lookUp, each, families), wanted, reach),
    );
    if (found) return found;
  } finally {
    lookUp.end();
  }
  throw notFound(hostname);
}

/** An international name as it is asked for. Of some that are ASCII, `domainToASCII()` would make another name. */
function asciiOf(hostname: string): string {
  const name = /[^\0-\x7f]/.test(hostname) ? domainToASCII(hostname) : hostname;
  // c-ares would ask for what comes before it.
  if (name === '' || name.includes('\0')) throw notFound(hostname);
  return name;
}

/** The addresses of the first of these names that has some. A server may fail for one domain of a search list only. */
async function firstFound(
  list: readonly string[],
  find: (name: string) => Promise<LookupAddress[]>,
): Promise<LookupAddress[] | undefined> {
  let failure: unknown;
  for (const candidate of list) {
    try {
      const found = await find(candidate);
      if (found.length > 0) return found;
    } catch (error) {
      if (codeOf(error) !== 'ESERVFAIL') throw error;
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return undefined;
}

/** The addresses of one name: none if there are none. One family that failed does not matter where the other has some. */
async function ask(lookUp: LookUp, name: string, families: readonly (4 | 6)[]): Promise<LookupAddress[]> {
  const failures: unknown[] = [];
  const found = await Promise.all(
    families.map(async (family) => {
      try {
        const records = await lookUp.addresses({ name, family });
        // Some servers never answer a question for IPv6 addresses (RFC 4074).
        lookUp.hurry();
        return records.map(({ address }) => ({ address, family }));
      } catch (error) {
        if (!isEmptyAnswer(error)) failures.push(error);
        return [];
      }
    }),
  );
  const addresses = found.flat();
  if (addresses.length === 0 && failures.length > 0) throw failures[0];
  return addresses;
}

/** The error that `dns.lookup()` gives. */
function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`lookup ENOTFOUND ${hostname}`), {
    code: 'ENOTFOUND',
    syscall: 'lookup',
    hostname,
  });
}
