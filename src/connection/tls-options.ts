import { createSecureContext, type ConnectionOptions as NodeTlsOptions } from 'node:tls';
import {
  anything,
  boolean,
  callable,
  countFrom,
  hostName,
  readOptions,
  type Check,
} from '../primitives/checks.js';
import { OptionError } from '../primitives/errors.js';

/** What is about each link. */
type LinkOption =
  | 'ALPNProtocols'
  | 'checkServerIdentity'
  | 'enableTrace'
  | 'minDHSize'
  | 'pskCallback'
  | 'rejectUnauthorized'
  | 'secureContext'
  | 'servername';

/** What makes the secure context. */
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
  secureContext: (name, value) => {
    if (typeof value !== 'object' || value === null || !('context' in value)) {
      throw new OptionError(name, 'what tls.createSecureContext() makes', value);
    }
  },
  servername: (name, value) => {
    if (value !== '') hostName(name, value);
  },
};

// What is in them is checked by tls.createSecureContext().
const contextChecks: Readonly<Record<ContextOption, Check>> = {
  ca: anything,
  cert: anything,
  ciphers: anything,
  crl: anything,
  dhparam: anything,
  ecdhCurve: anything,
  key: anything,
  maxVersion: anything,
  minVersion: anything,
  passphrase: anything,
  pfx: anything,
  privateKeyEngine: anything,
  privateKeyIdentifier: anything,
  secureOptions: anything,
  secureProtocol: anything,
  sessionTimeout: anything,
  sigalgs: anything,
  ticketKeys: anything,
};

/**
 * Options of `tls.connect()`, with Node's own meaning and defaults: those that say whom to trust, what to show and what to
 * speak. The address is the endpoint's, and sessions are kept by connman.
 */
export type TlsOptions = Pick<NodeTlsOptions, LinkOption | ContextOption>;

/** What every dial of a connection gives to `tls.connect()`. */
export type ResolvedTls = Readonly<Pick<NodeTlsOptions, LinkOption>>;

const tlsChecks = { ...linkChecks, ...contextChecks };

export function checkTls(name: string, value: unknown): void {
  if (value === true) return;
  if (typeof value !== 'object' || value === null) {
    throw new OptionError(name, 'true, or options of tls.connect()', value);
  }
  readOptions<TlsOptions>(name, value, tlsChecks);
}

/** The TLS options, with a secure context that all dials share; they are checked already. */
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
  return Object.freeze({ secureContext: contextOf(own), ...Object.fromEntries(link) });
}

function contextOf(own: TlsOptions): NodeTlsOptions['secureContext'] {
  try {
    return own.secureContext ?? createSecureContext(own);
  } catch (error) {
    throw new OptionError(
      'options.tls',
      'options that tls.createSecureContext() accepts',
      own,
      `options it refuses${reason(error)}`,
    );
  }
}

/** What OpenSSL says; what Node.js says may repeat the option itself. */
function reason(error: unknown): string {
  const { code, message } = error as Partial<NodeJS.ErrnoException>;
  if (code === undefined) return '';
  return /^ERR_(?:OSSL|SSL)/.test(code) ? ` (${code}: ${message})` : ` (${code})`;
}

function protocolNames(name: string, value: unknown): void {
  if (ArrayBuffer.isView(value) && isProtocolList(value)) return;
  const isList = Array.isArray(value) && value.length > 0;
  if (isList && Array.from<unknown>(value).every(isProtocolName)) return;
  throw new OptionError(name, 'an array of names of 1 to 255 bytes', value);
}

/** Whether bytes are names as TLS has them, the length of each in front; for others, Node.js aborts the process. */
function isProtocolList({ buffer, byteOffset, byteLength }: ArrayBufferView): boolean {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  let at = 0;
  while (at < byteLength && bytes[at] !== 0) at += 1 + (bytes[at] as number);
  return byteLength > 0 && at === byteLength;
}

function isProtocolName(value: unknown): boolean {
  if (typeof value !== 'string' && !ArrayBuffer.isView(value)) return false;
  const { byteLength } = typeof value === 'string' ? Buffer.from(value) : value;
  return byteLength > 0 && byteLength < 256;
}
