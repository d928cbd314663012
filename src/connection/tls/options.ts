import type { OnReadOpts } from 'node:net';
import { createSecureContext, type ConnectionOptions as NodeTlsOptions, type SecureContext } from 'node:tls';
import {
  anything,
  boolean,
  callable,
  countFrom,
  hostName,
  readOptions,
  type Check,
} from '../../primitives/checks.js';
import { isError, OptionError } from '../../primitives/errors.js';
import { ownOptions } from '../../primitives/own-options.js';
import { guardPskCallback } from './callbacks.js';
import { algorithms, authorities, ingredients, protocolNames, secureContext } from './values.js';

/** Options of each link. */
type LinkOption =
  | 'ALPNProtocols'
  | 'checkServerIdentity'
  | 'enableTrace'
  | 'minDHSize'
  | 'pskCallback'
  | 'rejectUnauthorized'
  | 'secureContext'
  | 'servername';

/** Options of each link that the types of Node.js have elsewhere, or not yet. */
interface MoreLinkOptions {
  /**
   * As in Node.js: asks the server for an OCSP response. The socket emits `'OCSPResponse'` after `onConnect` or `onReconnect`
   * was called, so that these can listen to it.
   */
  readonly requestOCSP?: boolean | undefined;
}

/** Options of the secure context. */
type ContextOption =
  | 'ca'
  | 'cert'
  | 'ciphers'
  | 'clientCertEngine'
  | 'crl'
  | 'dhparam'
  | 'ecdhCurve'
  | 'honorCipherOrder'
  | 'key'
  | 'maxVersion'
  | 'minVersion'
  | 'passphrase'
  | 'pfx'
  | 'privateKeyEngine'
  | 'privateKeyIdentifier'
  | 'secureOptions'
  | 'secureProtocol'
  | 'sessionIdContext'
  | 'sessionTimeout'
  | 'sigalgs'
  | 'ticketKeys';

/** Options of the secure context that not all types of Node.js have. */
interface MoreContextOptions {
  /** As in Node.js, from 22.9 on: a certificate of `ca` is trusted although it is not self-signed. */
  readonly allowPartialTrustChain?: boolean | undefined;
  /** As in newer versions of Node.js: how certificates may be compressed, the preferred way first. */
  readonly certificateCompression?: readonly ('zlib' | 'brotli' | 'zstd')[] | undefined;
  /** As in Node.js. */
  readonly ticketKeys?: NodeTlsOptions['ticketKeys'];
}

const linkChecks: Readonly<Record<LinkOption | keyof MoreLinkOptions, Check>> = {
  ALPNProtocols: protocolNames,
  checkServerIdentity: callable,
  enableTrace: boolean,
  minDHSize: countFrom(1),
  pskCallback: callable,
  rejectUnauthorized: boolean,
  requestOCSP: boolean,
  secureContext,
  servername: (name, value) => {
    if (value !== '') hostName(name, value);
  },
};

// tls.createSecureContext() checks their values.
const contextChecks: Readonly<Record<ContextOption | keyof MoreContextOptions, Check>> = {
  allowPartialTrustChain: boolean,
  ca: authorities,
  cert: ingredients,
  certificateCompression: anything,
  ciphers: algorithms,
  clientCertEngine: anything,
  crl: ingredients,
  dhparam: anything,
  ecdhCurve: algorithms,
  honorCipherOrder: anything,
  key: ingredients,
  maxVersion: anything,
  minVersion: anything,
  passphrase: anything,
  pfx: ingredients,
  privateKeyEngine: anything,
  privateKeyIdentifier: anything,
  secureOptions: anything,
  secureProtocol: anything,
  sessionIdContext: anything,
  sessionTimeout: anything,
  sigalgs: algorithms,
  ticketKeys: anything,
};

/** What Node.js takes besides these, and why connman does not. */
const refusals: Readonly<Record<string, string>> = {
  host: 'nothing: the endpoint says where to dial',
  port: 'nothing: the endpoint says where to dial',
  path: 'nothing: the endpoint says where to dial',
  socket: 'nothing: connman makes the socket of each dial, and options.prelude comes before TLS',
  session: 'nothing: connman keeps the sessions',
  lookup: 'nothing: use options.lookup',
  timeout: 'nothing: use options.timeout',
  signal: 'nothing: use options.signal',
  requestCert: 'nothing: it is for servers',
  isServer: 'nothing: it is for servers',
  server: 'nothing: it is for servers',
  SNICallback: 'nothing: it is for servers',
  ALPNCallback: 'nothing: it is for servers',
};

/**
 * Options of `tls.connect()`, with Node's own meaning and defaults: which servers to trust, which certificate to show, and
 * which protocols to speak. The endpoint gives the address, and connman keeps the sessions.
 */
export type TlsOptions = Pick<NodeTlsOptions, LinkOption | ContextOption> &
  MoreLinkOptions &
  MoreContextOptions & {
    /** As the option `onread` of the connection. */
    readonly onread?: OnReadOpts | undefined;
  };

/** The options that every dial of a connection gives to `tls.connect()`. */
export type ResolvedTls = Readonly<Pick<NodeTlsOptions, LinkOption> & MoreLinkOptions>;

/** What is accepted, and beside that what is refused for a reason of its own. */
const tlsChecks: Readonly<Record<string, Check>> = {
  ...linkChecks,
  ...contextChecks,
  onread: anything,
};

/** A checked copy of the options. */
export function readTls(name: string, value: unknown): TlsOptions {
  if (value === true) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OptionError(name, 'true, or options of tls.connect()', value);
  }
  for (const [refused, why] of Object.entries(refusals)) {
    const given = Object.hasOwn(value, refused) ? value[refused as keyof object] : undefined;
    if (given !== undefined) throw new OptionError(`${name}.${refused}`, why, given);
  }
  return readOptions<TlsOptions & Record<string, unknown>>(name, value, tlsChecks);
}

/** The names of all options of `tls.connect()` that are known: those that are accepted, and those that are refused. */
export const tlsOptionNames: readonly string[] = [...Object.keys(tlsChecks), ...Object.keys(refusals)];

export function checkTls(name: string, value: unknown): void {
  if (typeof value !== 'function') readTls(name, value);
}

/** The options that every dial of a connection has, or the function that is asked for those of each. */
export function resolveTls<Source extends (...args: never[]) => unknown>(options: {
  readonly tls?: true | TlsOptions | Source | undefined;
  readonly readableHighWaterMark?: number | undefined;
  readonly writableHighWaterMark?: number | undefined;
}): ResolvedTls | Source | undefined {
  const { tls } = options;
  if (tls === undefined) return undefined;
  for (const name of ['readableHighWaterMark', 'writableHighWaterMark'] as const) {
    const value = options[name];
    if (value === undefined) continue;
    throw new OptionError(`options.${name}`, 'nothing beside options.tls: use highWaterMark', value);
  }
  return typeof tls === 'function' ? tls : secureOptions('options.tls', tls);
}

/** Makes the secure context that dials share. */
export function secureOptions(name: string, options: true | TlsOptions): ResolvedTls {
  const own = readTls(name, options);
  const link = Object.entries(own).filter(([each]) => Object.hasOwn(linkChecks, each));
  const { ALPNProtocols } = own;
  return ownOptions(
    {},
    {
      ...Object.fromEntries(link),
      ...(ALPNProtocols && { ALPNProtocols: protocolNames(`${name}.ALPNProtocols`, ALPNProtocols) }),
      ...(own.pskCallback && { pskCallback: guardPskCallback(own.pskCallback) }),
      secureContext: contextOf(name, own),
    },
  );
}

function contextOf(tls: string, { onread: _onread, ...own }: TlsOptions): SecureContext {
  const where = `${tls}.secureContext`;
  if (own.secureContext) return secureContext(where, own.secureContext);
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(own)) copy[name] = ingredients(`${tls}.${name}`, value);
  try {
    return secureContext(where, createSecureContext(copy));
  } catch (error) {
    throw new OptionError(
      tls,
      'options that tls.createSecureContext() accepts',
      own,
      `options it refuses${reason(error)}`,
    );
  }
}

/** The message of OpenSSL. A message of Node.js may contain the option itself, so only its code is told. */
function reason(error: unknown): string {
  const { code, message } = isError(error) ? (error as NodeJS.ErrnoException) : {};
  // An error that a getter of the options has thrown may have any code.
  if (typeof code !== 'string' || !code.startsWith('ERR_')) return '';
  return /^ERR_(?:OSSL|SSL)/.test(code) ? ` (${code}: ${message})` : ` (${code})`;
}
