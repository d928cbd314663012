import { createSecureContext, type SecureContext } from 'node:tls';
import { itemsOf } from '../../primitives/checks.js';
import { kindOf, OptionError } from '../../primitives/errors.js';

/** How many items a list of certificates, keys or names may have. */
const mostItems = 10_000;
/** How long a list of names in one text may be. */
const longestNames = 10_000;

/**
 * The names of protocols as TLS has them, the length of each in front: a copy, since for bytes that are no such names, be
 * it only at a later dial, Node.js aborts the process.
 */
export function protocolNames(name: string, value: unknown): Buffer {
  const bytes = ArrayBuffer.isView(value) ? bytesOf(value) : encoded(itemsOf(value, mostItems) ?? []);
  if (bytes && isProtocolList(bytes)) return bytes;
  throw new OptionError(name, 'an array of names of 1 to 255 bytes', value);
}

function encoded(names: readonly unknown[]): Buffer | undefined {
  const parts: Buffer[] = [];
  for (const name of names) {
    if (typeof name !== 'string' && !ArrayBuffer.isView(name)) return undefined;
    const bytes = typeof name === 'string' ? Buffer.from(name) : bytesOf(name);
    if (bytes.length === 0 || bytes.length > 255) return undefined;
    parts.push(Buffer.of(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  // What is detached has no bytes left to look at.
  return byteLength === 0 ? Buffer.alloc(0) : Buffer.from(new Uint8Array(buffer, byteOffset, byteLength));
}

function isProtocolList(bytes: Buffer): boolean {
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + (bytes[at] as number);
  return bytes.length > 0 && bytes.length < 65_536 && at === bytes.length;
}

interface Prototypes {
  readonly outer: object;
  readonly native: { readonly getMinProto?: () => number };
}
let prototypes: Prototypes | undefined;

/**
 * What `tls.createSecureContext()` has made, in an object of our own: for anything else in its place, Node.js aborts
 * the process.
 */
export function secureContext(name: string, value: unknown): SecureContext {
  const { outer, native } = (prototypes ??= prototypesOf(createSecureContext({ ca: [] })));
  try {
    const { context } = value as SecureContext;
    // Throws for everything that is no native context, such as a proxy of one; should Node.js ever have it no more, it is
    // not asked.
    native.getMinProto?.call(context);
    // Node.js closes a context which is for a single use, be it that somebody has put that on Object.prototype.
    return Object.assign(Object.create(outer) as SecureContext, { context, singleUse: false });
  } catch {
    throw new OptionError(name, 'what tls.createSecureContext() makes', value);
  }
}

function prototypesOf(made: SecureContext): Prototypes {
  return {
    outer: Object.getPrototypeOf(made) as object,
    native: Object.getPrototypeOf(made.context) as Prototypes['native'],
  };
}

/** Names of algorithms, which OpenSSL reads: of many, in more than linear time. */
export function algorithms(name: string, value: unknown): void {
  if (typeof value !== 'string' || value.length <= longestNames) return;
  throw new OptionError(name, `at most ${longestNames} characters`, value);
}

/** What goes into a secure context, or a list of it, copied: the rest is checked by `tls.createSecureContext()`. */
export function ingredients(name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || kindOf(value) !== 'an array') return value;
  const items = itemsOf(value, mostItems);
  if (items) return items;
  throw new OptionError(name, `at most ${mostItems} items`, value);
}
