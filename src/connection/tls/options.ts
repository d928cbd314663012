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
import { OptionError } from '../../primitives/errors.js';
import { ownOptions } from '../../primitives/own-options.js';
import { guardPskCallback } from './callbacks.js';
import { algorithms, ingredients, protocolNames, secureContext } from './values.js';

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

/** Options of the secure context. */
type ContextOption =
  | 'ca'
  | 'cert'
  | 'ciphers'
  | 'crl'
  | 'dhparam'
  | 'ecdhCurve'
  | 'key'
  | 'maxVersion'
  | 'minVersion'
  | 'passphrase'
  | 'pfx'
  | 'privateKeyEngine'
  | 'privateKeyIdentifier'
  | 'secureOptions'
  | 'secureProtocol'
  | 'sessionTimeout'
  | 'sigalgs'
  | 'ticketKeys';

const linkChecks: Readonly<Record<LinkOption, Check>> = {
  ALPNProtocols: protocolNames,
  checkServerIdentity: callable,
  enableTrace: boolean,
  minDHSize: countFrom(1),
  pskCallback: callable,
  rejectUnauthorized: boolean,
  secureContext,
  servername: (name, value) => {
    if (value !== '') hostName(name, value);
  },
};

// tls.createSecureContext() checks their values.
const contextChecks: Readonly<Record<ContextOption, Check>> = {
  ca: ingredients,
  cert: ingredients,
  ciphers: algorithms,
  crl: ingredients,
  dhparam: anything,
  ecdhCurve: algorithms,
  key: ingredients,
  maxVersion: anything,
  minVersion: anything,
  passphrase: anything,
  pfx: ingredients,
  privateKeyEngine: anything,
  privateKeyIdentifier: anything,
  secureOptions: anything,
  secureProtocol: anything,
  sessionTimeout: anything,
  sigalgs: algorithms,
  ticketKeys: anything,
};

/**
 * Options of `tls.connect()`, with Node's own meaning and defaults: which servers to trust, which certificate to show, and
 * which protocols to speak. The endpoint gives the address, and connman keeps the sessions.
 */
export type TlsOptions = Pick<NodeTlsOptions, LinkOption | ContextOption>;

/** The options that every dial of a connection gives to `tls.connect()`. */
export type ResolvedTls = Readonly<Pick<NodeTlsOptions, LinkOption>>;

const tlsChecks = { ...linkChecks, ...contextChecks };

export function checkTls(name: string, value: unknown): void {
  if (value === true) return;
  if (typeof value !== 'object' || value === null) {
    throw new OptionError(name, 'true, or options of tls.connect()', value);
  }
  readOptions<TlsOptions>(name, value, tlsChecks);
}

/** Makes the secure context that all dials share. The options are checked already. */
export function resolveTls(options: {
  readonly tls?: true | TlsOptions | undefined;
  readonly readableHighWaterMark?: number | undefined;
  readonly writableHighWaterMark?: number | undefined;
}): ResolvedTls | undefined {
  if (options.tls === undefined) return undefined;
  for (const name of ['readableHighWaterMark', 'writableHighWaterMark'] as const) {
    const value = options[name];
    if (value === undefined) continue;
    throw new OptionError(`options.${name}`, 'nothing beside options.tls: use highWaterMark', value);
  }
  const own = readOptions<TlsOptions>('options.tls', options.tls === true ? {} : options.tls, tlsChecks);
  const link = Object.entries(own).filter(([name]) => Object.hasOwn(linkChecks, name));
  const { ALPNProtocols } = own;
  return ownOptions(
    {},
    {
      ...Object.fromEntries(link),
      ...(ALPNProtocols && { ALPNProtocols: protocolNames('options.tls.ALPNProtocols', ALPNProtocols) }),
      ...(own.pskCallback && { pskCallback: guardPskCallback(own.pskCallback) }),
      secureContext: contextOf(own),
    },
  );
}

function contextOf(own: TlsOptions): SecureContext {
  const where = 'options.tls.secureContext';
  if (own.secureContext) return secureContext(where, own.secureContext);
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(own)) copy[name] = ingredients(`options.tls.${name}`, value);
  try {
    return secureContext(where, createSecureContext(copy));
  } catch (error) {
    throw new OptionError(
      'options.tls',
      'options that tls.createSecureContext() accepts',
      own,
      `options it refuses${reason(error)}`,
    );
  }
}

/** The message of OpenSSL. A message of Node.js may contain the option itself, so only its code is told. */
function reason(error: unknown): string {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  // An error that a getter of the options has thrown may have any code.
  if (typeof code !== 'string' || !code.startsWith('ERR_')) return '';
  return /^ERR_(?:OSSL|SSL)/.test(code) ? ` (${code}: ${message})` : ` (${code})`;
}
