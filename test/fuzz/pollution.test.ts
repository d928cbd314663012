import { expect } from 'vitest';
import { startFaultServer } from '../../src/testing/index.js';
import { certificates } from '../support/certificates.js';
import { it } from '../support/program.js';
import { optionNames, tlsNames } from './targets.js';
import { perRing } from '../support/per-ring.js';

/** The words of some lines. */
function words(...lines: readonly string[]): string[] {
  return lines.join(' ').split(' ');
}

/** What else Node.js reads of the options of sockets, of TLS, of streams, of lookups and of properties. */
const nodeNames = words(
  'host port path fd handle writable objectMode readableObjectMode writableObjectMode',
  'decodeStrings defaultEncoding encoding emitClose autoDestroy read write writev final destroy',
  'construct pauseOnCreate manualStart captureRejections socket requestOCSP singleUse credentials',
  'isServer requestCert all order verbatim typeOfService get set value',
);

/** What connman reads of its own. */
const ownNames = words('cause endpoint pool phase delay next interval ping initial grace');

/** What Node.js reads of every socket itself: the listeners of these events, and a property. */
const ofSockets = ['lookup', 'timeout', 'blockList'];

/** What Node.js reads of options that it makes itself for every `TLSSocket`. */
const ofTls = words(
  'handshakeTimeout keepAliveInitialDelay readableHighWaterMark writableHighWaterMark objectMode',
  'readableObjectMode writableObjectMode defaultEncoding encoding read final captureRejections',
  'typeOfService',
);

it('what somebody has put on Object.prototype changes nothing', async ({ start, socketPath }) => {
  const { ca, localhost } = await certificates();
  await using tcp = await startFaultServer();
  await using unix = await startFaultServer({ path: socketPath });
  await using tls = await startFaultServer({ tls: localhost });
  const scenes = [
    { name: 'an address', endpoint: tcp.endpoint, except: [] },
    { name: 'a name', endpoint: { host: 'localhost', port: tcp.port }, except: [] },
    { name: 'a path', endpoint: unix.endpoint, except: [] },
    { name: 'TLS', endpoint: tls.endpoint, options: { tls: { ca } }, except: ofTls },
    { name: 'no trust', endpoint: tls.endpoint, options: { tls: true, maxAttempts: 1 }, except: ofTls },
  ];
  const names = [...new Set([...optionNames, ...tlsNames, ...nodeNames, ...ownNames])];
  const program = start('polluted', {
    scenes,
    names: names.filter((name) => !ofSockets.includes(name)),
    valuesOfEach: perRing({ short: 1, soak: 3 }),
  });
  await program.until('done');
  expect(program.told.filter(({ event }) => event === 'changed')).toEqual([]);
});
