import { beforeAll, describe, expect } from 'vitest';
import { socks } from '../../examples/preludes/socks.js';
import { smtp } from '../../examples/preludes/starttls.js';
import { constant, type DialPhase, type Prelude } from '../../src/index.js';
import { httpConnect, proxyHeader } from '../../src/prelude/index.js';
import { startFaultServer } from '../../src/testing/index.js';
import { Front, lengthOf, notTls, type Step } from '../connection/prelude/front.js';
import { certificates, type Certificates } from '../support/certificates.js';
import { it } from '../support/fixtures.js';
import { Recorder } from '../support/recorder.js';

let certs: Certificates;

beforeAll(async () => {
  certs = await certificates();
});

const secret = 'SECRET-IN-PLAIN-TEXT';

/** What a proxy or server does, and the failed dial or the end of the connection that it leads to. */
interface Outcome {
  readonly prelude: Prelude;
  /** The dialogue in plain text. */
  readonly steps: readonly Step[];
  /** How the link ends after it, where TLS does not follow. */
  readonly how?: 'end' | 'reset' | 'silence';
  /** What the server behind it shows. Default: `localhost`. */
  readonly identity?: 'expired' | 'selfSigned';
  readonly to?: { readonly servername: string };
  readonly phase?: DialPhase;
  readonly isFatal?: boolean;
  readonly cause: object;
}

const text = (part: string): string => expect.stringContaining(part) as string;

const timeout = { code: 'CONNMAN_TIMEOUT' };
const otherName = { code: 'ERR_TLS_CERT_ALTNAME_INVALID' };
const notTrusted = { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' };
const expired = { code: 'CERT_HAS_EXPIRED' };

const connectTo = (target: string): number => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`.length;
const request = connectTo('localhost:1');
const withLogin = request + 'Proxy-Authorization: x\r\n'.length;
const tunnel = [request, 'HTTP/1.1 200 OK\r\n\r\n'];

const local = { host: 'localhost', port: 1 };
const hello = [3, Buffer.from([5, 0])];
const reply = (code: number): Buffer => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);

const ready = ['220 hi\r\n', 16, '250 STARTTLS\r\n', 10];
const goOn = [...ready, '220 go on\r\n'];

/** A name of its own, where the prelude has no target. */
const other = { servername: 'other.test' };

type Kind = 'CONNECT' | 'SOCKS 5' | 'PROXY, version 2' | 'STARTTLS';

/** A text says why there is no such case. A PROXY header has no answer: it is over before anything can fail. */
const table: Readonly<Record<string, Readonly<Record<Kind, Outcome | string>>>> = {
  'the proxy refuses': {
    CONNECT: {
      prelude: httpConnect('localhost:1'),
      steps: [request, 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'],
      cause: { message: 'the proxy answered "403 Forbidden"', statusCode: 403 },
    },
    'SOCKS 5': {
      prelude: socks(local),
      steps: [...hello, 16, reply(2)],
      cause: { message: text('NotAllowed') },
    },
    'PROXY, version 2': {
      prelude: proxyHeader({ version: 2 }),
      steps: [28],
      how: 'reset',
      phase: 'tls',
      cause: { code: 'ECONNRESET' },
    },
    STARTTLS: {
      prelude: smtp,
      steps: [...ready, '454 TLS not available\r\n'],
      cause: { message: 'the peer answered "454 TLS not available"' },
    },
  },
  'the target is unknown': {
    CONNECT: {
      prelude: httpConnect('localhost:1'),
      steps: [request, 'HTTP/1.1 502 Bad Gateway\r\n\r\n'],
      cause: { statusCode: 502 },
    },
    'SOCKS 5': {
      prelude: socks(local),
      steps: [...hello, 16, reply(4)],
      cause: { message: text('HostUnreachable') },
    },
    'PROXY, version 2': 'its target is the endpoint',
    STARTTLS: 'its target is the endpoint',
  },
  'the password is wrong': {
    CONNECT: {
      prelude: httpConnect('localhost:1', { authorization: 'x' }),
      steps: [withLogin, 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'],
      isFatal: true,
      cause: { code: 'CONNMAN_FATAL', statusCode: 407 },
    },
    'SOCKS 5': {
      prelude: socks(local, { userId: 'user', password: 'pass' }),
      steps: [4, Buffer.from([5, 2]), 11, Buffer.from([1, 1])],
      isFatal: true,
      cause: { code: 'CONNMAN_FATAL' },
    },
    'PROXY, version 2': 'it has no password',
    STARTTLS: 'the password comes after TLS',
  },
  'the proxy is silent': {
    CONNECT: { prelude: httpConnect('localhost:1'), steps: [request], how: 'silence', cause: timeout },
    'SOCKS 5': { prelude: socks(local), steps: [...hello, 16], how: 'silence', cause: timeout },
    'PROXY, version 2': {
      prelude: proxyHeader({ version: 2 }),
      steps: [28],
      how: 'silence',
      phase: 'tls',
      cause: timeout,
    },
    STARTTLS: { prelude: smtp, steps: ready, how: 'silence', cause: timeout },
  },
  'the certificate is for another name': {
    CONNECT: {
      prelude: httpConnect('other.test:1'),
      steps: [connectTo('other.test:1'), 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
      phase: 'tls',
      cause: otherName,
    },
    'SOCKS 5': {
      prelude: socks({ host: 'other.test', port: 1 }),
      steps: [...hello, 17, reply(0)],
      phase: 'tls',
      cause: otherName,
    },
    'PROXY, version 2': {
      prelude: proxyHeader({ version: 2 }),
      steps: [28],
      to: other,
      phase: 'tls',
      cause: otherName,
    },
    STARTTLS: { prelude: smtp, steps: goOn, to: other, phase: 'tls', cause: otherName },
  },
  'the certificate is not trusted': certificateOf('selfSigned', notTrusted),
  'the certificate has expired': certificateOf('expired', expired),
  'FIN in between': {
    CONNECT: {
      prelude: httpConnect('localhost:1'),
      steps: [request, 'HTTP/1.1 200'],
      how: 'end',
      cause: { code: 'ECONNRESET', message: text('after "HTTP/1.1 200"') },
    },
    'SOCKS 5': {
      prelude: socks(local),
      steps: [...hello, 16, reply(0).subarray(0, 5)],
      how: 'end',
      cause: { code: 'ECONNRESET' },
    },
    'PROXY, version 2': {
      prelude: proxyHeader({ version: 2 }),
      steps: [28],
      how: 'end',
      phase: 'tls',
      cause: { code: 'ECONNRESET' },
    },
    STARTTLS: {
      prelude: smtp,
      steps: ready.slice(0, 2),
      how: 'end',
      cause: { code: 'ECONNRESET', message: text('without an answer') },
    },
  },
};

function certificateOf(identity: 'expired' | 'selfSigned', cause: object): Record<Kind, Outcome> {
  const wrong = { identity, cause, phase: 'tls' } as const;
  return {
    CONNECT: { prelude: httpConnect('localhost:1'), steps: tunnel, ...wrong },
    'SOCKS 5': { prelude: socks(local), steps: [...hello, 16, reply(0)], ...wrong },
    'PROXY, version 2': { prelude: proxyHeader({ version: 2 }), steps: [28], ...wrong },
    STARTTLS: { prelude: smtp, steps: goOn, ...wrong },
  };
}

const more: Readonly<Record<string, Outcome>> = {
  'CONNECT: the password of then is wrong': {
    prelude: httpConnect('localhost:1', { authorization: () => Promise.resolve('x') }),
    steps: [withLogin, 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'],
    cause: { statusCode: 407 },
  },
  'CONNECT: the proxy speaks something else': {
    prelude: httpConnect('localhost:1'),
    steps: [request, 'x'.repeat(70_000)],
    cause: { message: text('no end of an answer') },
  },
  'SOCKS 4: the proxy refuses': {
    prelude: socks(local, { type: 4 }),
    steps: [19, Buffer.from([0, 91, 0, 0, 0, 0, 0, 0])],
    cause: { message: text('Failed') },
  },
  'SOCKS 5: the proxy takes no such login': {
    prelude: socks(local),
    steps: [3, Buffer.from([5, 255])],
    cause: { message: text('accepted authentication') },
  },
};

const outcomes: readonly (readonly [what: string, outcome: Outcome])[] = [
  ...Object.entries(table).flatMap(([row, kinds]) =>
    Object.entries(kinds).flatMap(([kind, outcome]) =>
      typeof outcome === 'string' ? [] : [[`${kind}: ${row}`, outcome] as const],
    ),
  ),
  ...Object.entries(more),
];

describe('exact code and phase, and nothing in plain text:', () => {
  it.for(outcomes)('%s', async ([, outcome], { manager }) => {
    const { steps, how, identity = 'localhost', phase = 'prelude', isFatal = false, cause } = outcome;
    await using server = await startFaultServer({ tls: certs[identity] });
    await using front = await Front.start(steps, server.port);
    if (how) front.cuts.push({ after: lengthOf(steps), how });
    const handler = new Recorder();
    const connection = manager.connect({ host: 'localhost', port: front.port, ...outcome.to }, handler, {
      backoff: constant(60_000),
      tls: { ca: certs.ca },
      prelude: outcome.prelude,
      connectTimeout: how === 'silence' ? 100 : 10_000,
    });
    connection.socket.write(secret);
    await handler.until(isFatal ? 'close' : 'retry');
    connection.socket.write(secret);
    const error = isFatal ? handler.closings[0]?.error : handler.failures[0]?.error;
    expect(error).toMatchObject({ name: 'DialError', code: 'CONNMAN_DIAL', phase, cause });
    expect(handler.closings.map(({ code }) => code)).toEqual(isFatal ? ['fatal'] : []);
    expect(handler.events).toEqual([isFatal ? 'close' : 'retry']);
    expect(front.accepted).toBe(1);
    expect(Buffer.concat(front.said).includes(secret)).toBe(false);
    for (const chunks of front.sniffed) expect(notTls(Buffer.concat(chunks))).toBeUndefined();
  });
});
