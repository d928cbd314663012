import { createSecureContext, type SecureContext, type TlsOptions } from 'node:tls';
import * as fc from 'fast-check';
import type { Certificates, Identity } from '../support/certificates.js';

/** How the server shakes hands over TLS. */
export interface Security {
  readonly label: string;
  /** The options for connection number n. Without any, the server is plain: what it sends comes instead of a handshake. */
  readonly options: (certs: Certificates, connection: number) => TlsOptions | undefined;
}

const contexts: WeakMap<Identity, SecureContext> = new WeakMap();

/** A context costs more than a handshake, so each identity has one for all of its connections. */
function showing(identity: Identity): TlsOptions {
  let context = contexts.get(identity);
  if (!context) {
    context = createSecureContext({ ...identity });
    contexts.set(identity, context);
  }
  return { SNICallback: (_, done) => done(null, context) };
}

/** Sessions of other connections are not resumed. */
const alone = (connection: number): TlsOptions => ({ ticketKeys: Buffer.alloc(48, connection) });

/** Handshakes succeed. */
export const sound: Security = {
  label: 'a good certificate',
  options: ({ localhost }) => showing(localhost),
};

const plain: Security = { label: 'no TLS', options: () => undefined };

const securities: readonly Security[] = [
  sound,
  { label: 'TLS 1.2', options: ({ localhost }) => ({ ...showing(localhost), maxVersion: 'TLSv1.2' }) },
  {
    label: 'no sessions',
    options: ({ localhost }, connection) => ({ ...showing(localhost), ...alone(connection) }),
  },
  plain,
  {
    label: 'an expired certificate',
    options: ({ expired }, connection) => ({ ...showing(expired), ...alone(connection) }),
  },
  {
    label: 'a certificate of its own',
    options: ({ selfSigned }, connection) => ({ ...showing(selfSigned), ...alone(connection) }),
  },
  {
    // With TLS 1.3, the client is refused when its life has begun.
    label: 'a wish for a client certificate',
    options: ({ localhost }, connection) => ({
      ...showing(localhost),
      ...alone(connection),
      requestCert: true,
      rejectUnauthorized: true,
    }),
  },
];

/** How connections are secured, with a name for it: all alike, or every second one as it should be. */
export const security: fc.Arbitrary<Security> = fc
  .record({
    what: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...securities) },
      { weight: 2, arbitrary: fc.constant(plain) },
    ),
    everySecond: fc.boolean(),
  })
  .map(({ what, everySecond }) => ({
    label: `${what.label}${everySecond ? ' for every second' : ''}`,
    options: (certs, connection) =>
      (everySecond && connection % 2 === 0 ? sound : what).options(certs, connection),
  }));
