import { describe, expect, test } from 'vitest';
import { blameFor, dialBlame, endedBy } from '../../../src/connection/dial/blame.js';
import { LinkClosed } from '../../../src/connection/socket/link.js';
import type { DialBlame } from '../../../src/gate/index.js';
import { TimeoutError, type DialPhase } from '../../../src/primitives/errors.js';

function failure(code: string, syscall?: string): Error {
  return Object.assign(new Error(code), { code, ...(syscall && { syscall }) });
}

const ofLink = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EACCES',
  'ENOENT',
  'EAGAIN',
];
const ofHost = [
  'EADDRNOTAVAIL',
  'EADDRINUSE',
  'EINVAL',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'EAFNOSUPPORT',
  'ERR_ACCESS_DENIED',
];
const ofTls = [
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

const cases: readonly (readonly [string, DialPhase, Error | undefined, boolean, DialBlame])[] = [
  ...ofLink.map((code) => [code, 'connect', failure(code, 'connect'), false, 'endpoint'] as const),
  ...ofHost.map((code) => [code, 'connect', failure(code, 'connect'), false, 'options'] as const),
  ...ofTls.map((code) => [code, 'tls', failure(code), false, 'answer'] as const),
  ['a bind', 'connect', failure('EACCES', 'bind'), false, 'options'],
  ['a block list', 'connect', failure('ERR_IP_BLOCKED'), false, 'options'],
  ['a block list, all answers', 'lookup', failure('ERR_IP_BLOCKED'), false, 'options'],
  ['a name that does not exist', 'lookup', failure('ENOTFOUND', 'getaddrinfo'), false, 'endpoint'],
  ['the same from a look-up of the user', 'lookup', failure('ENOTFOUND', 'getaddrinfo'), true, 'options'],
  ['a look-up of the user that throws', 'lookup', new Error('no idea'), true, 'options'],
  ['a look-up of the user that hangs', 'lookup', new TimeoutError('late', 10), true, 'options'],
  ['a look-up that hangs', 'lookup', new TimeoutError('late', 10), false, 'endpoint'],
  ['no answer', 'connect', new TimeoutError('late', 10), true, 'endpoint'],
  ['a TLS handshake that hangs', 'tls', new TimeoutError('late', 10), false, 'endpoint'],
  ['a peer that closes in TLS', 'tls', failure('ECONNRESET'), false, 'endpoint'],
  ['a read that fails in TLS', 'tls', failure('EPIPE', 'write'), false, 'endpoint'],
  ['a peer without TLS', 'tls', failure('EPROTO', 'write'), false, 'answer'],
  ['checkServerIdentity that throws', 'tls', new Error('not this one'), false, 'answer'],
  ['a destroy() by the program', 'connect', undefined, false, 'options'],
  ['a destroy(error) by the program', 'connect', new Error('not now'), false, 'options'],
  [
    'several addresses, one of them refused',
    'connect',
    new AggregateError([failure('EADDRNOTAVAIL', 'connect'), failure('ECONNREFUSED', 'connect')]),
    false,
    'endpoint',
  ],
  [
    'several addresses, in the error of another realm',
    'connect',
    Object.assign(new Error(''), { errors: [null, failure('ECONNREFUSED', 'connect')] }),
    false,
    'endpoint',
  ],
  [
    'several addresses, and never out of this host',
    'connect',
    new AggregateError([failure('EADDRNOTAVAIL', 'bind'), failure('EINVAL', 'connect')]),
    false,
    'options',
  ],
];

describe('a dial that failed', () => {
  test.each(cases)('by %s is about the right one', (_, phase, cause, hasLookup, blame) => {
    expect(dialBlame(phase, cause, hasLookup)).toBe(blame);
  });
});

describe('the loss of a link in the TLS handshake', () => {
  const reset = failure('ECONNRESET', 'read');
  test.each<[what: string, phase: DialPhase, cause: Error, isOfOwner: boolean, blame: string]>([
    ['is about its owner where others are ready', 'tls', reset, true, 'answer'],
    ['is about the endpoint where none is', 'tls', reset, false, 'endpoint'],
    ['is not that of a slow server', 'tls', new TimeoutError('late', 5), true, 'endpoint'],
    ['is not that before it', 'connect', reset, true, 'endpoint'],
  ])('%s', (_, phase, cause, isOfOwner, blame) => {
    expect(blameFor({ phase, isAsking: false }, cause, false, () => isOfOwner)).toBe(blame);
  });
});

describe('a life that ended by an error', () => {
  test.each([
    [failure('ECONNRESET', 'read'), 'endpoint'],
    [failure('ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'), 'endpoint'],
    [failure('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'owner'],
    [new Error('of the program'), 'owner'],
  ])('%s', (error, blame) => {
    const closed = new LinkClosed();
    closed.error = error;
    expect(endedBy('error', closed, { wasReady: true, hasRead: true })).toBe(blame);
  });
});
