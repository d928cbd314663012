import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { TextFile } from './text-file.js';

/** The addresses of each name, in the order of the file. Names are in lower case. */
export type Hosts = ReadonlyMap<string, readonly LookupAddress[]>;

/** Reads the text of a hosts file: a line for each address, with its names. Lines that are none are left out. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, LookupAddress[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    for (const name of names.map(hostKey)) {
      const known = hosts.get(name) ?? [];
      if (!known.some((each) => each.address === address)) known.push({ address, family });
      hosts.set(name, known);
    }
  }
  return hosts;
}

/** The form in which two spellings of a name are equal. */
export function hostKey(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}

const local: readonly LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** The addresses of `localhost` and of names below it, which are those of this host whether a file says so or not (RFC 6761). */
export function localAddresses(name: string): readonly LookupAddress[] {
  return /(?:^|\.)localhost$/.test(hostKey(name)) ? local : [];
}

/** The hosts file of the system. */
export function systemHosts(): TextFile<Hosts> {
  const windows = process.env['SystemRoot'] ?? 'C:\\Windows';
  const path =
    process.platform === 'win32' ? join(windows, 'System32', 'drivers', 'etc', 'hosts') : '/etc/hosts';
  return new TextFile(path, parseHosts);
}
