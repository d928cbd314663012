import { expect } from 'vitest';
import { resolveOptions } from '../../src/connection/options/options.js';
import { dnsAddresses, dnsServices } from '../../src/dns/index.js';
import { endpointsArguments } from '../../src/primitives/endpoint.js';
import { it } from '../support/fixtures.js';
import { perRing } from '../support/per-ring.js';

const texts: Readonly<Record<string, string>> = {
  letters: 'a',
  colons: ':',
  'dotted numbers': '1.',
  dots: '.',
  brackets: '[',
  blanks: ' ',
  zeros: '\0',
  'half characters': '\uD800',
  'a certificate': '-----BEGIN CERTIFICATE-----\nAAAA\n',
  ciphers: 'TLS_AES_256_GCM_SHA384:',
};

type Read = (text: string) => unknown;
const readers: Readonly<Record<string, Read>> = {
  'tls.ciphers': (text) => resolveOptions({ tls: { ciphers: text } }),
  'tls.ca': (text) => resolveOptions({ tls: { ca: text } }),
  'endpoint.host': (text) => endpointsArguments([{ host: text, port: 80 }]),
  'endpoint.path': (text) => endpointsArguments([{ path: text }]),
  'a name in the DNS': (text) => dnsAddresses(text, 80),
  'a name of a service': (text) => dnsServices(`_s._tcp.${text}`),
  'an address of a resolver': (text) => dnsAddresses('a.test', 80, { servers: [text] }),
  'endpoint.path, absolute': (text) => endpointsArguments([{ path: `/${text}` }]),
};

/** How long it takes, in milliseconds. */
function time(read: Read, text: string): number {
  const begin = performance.now();
  try {
    read(text);
  } catch {
    // Refused, as most are.
  }
  return performance.now() - begin;
}

const short = perRing({ short: 20_000, soak: 100_000 });
const long = 10 * short;
/** How much longer ten times the text may take: in square time it takes a hundred times as long; memory is slower for more. */
const mostTimes = 40;
/** Below this, in milliseconds, a comparison says nothing. */
const unmeasurable = 5;
const mostRuns = 10;

function isLinear({ few, many }: { few: number; many: number }): boolean {
  return many < Math.max(unmeasurable, mostTimes * few);
}

it.for(Object.entries(readers))('%s is read in linear time, whatever text it is', ([, read]) => {
  for (const [kind, text] of Object.entries(texts)) {
    const whole = text.repeat(Math.ceil(long / text.length));
    const times: { few: number; many: number }[] = [];
    // Square time is square in every run; what else the machine does can only spoil some of them.
    do times.push({ few: time(read, whole.slice(0, short)), many: time(read, whole.slice(0, long)) });
    while (times.length < mostRuns && !times.some(isLinear));
    expect(times.some(isLinear), `${kind}: ${JSON.stringify(times)}`).toBe(true);
  }
});
