import { createSecureContext, type SecureContext } from 'node:tls';
import { itemsOf } from '../../primitives/checks.js';
import { describe, OptionError } from '../../primitives/errors.js';

/** How many items a list of certificates, keys or names may have. */
const mostItems = 10_000;
/** How long a list of names in one text may be. */
const longestNames = 10_000;

/**
 * The names of protocols as TLS encodes them, each after its length. A copy: for bytes that are no such names, Node.js aborts the
 * process, and the caller could change them before a later dial.
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
  // A detached buffer has no bytes, and cannot be read.
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

/** Checks what `tls.createSecureContext()` has made, and copies it: Node.js aborts the process for any other object. */
export function secureContext(name: string, value: unknown): SecureContext {
  const { outer, native } = (prototypes ??= prototypesOf(createSecureContext({ ca: [] })));
  try {
    const { context } = value as SecureContext;
    // Throws for anything that is not a native context. A later Node.js may not have the method.
    native.getMinProto?.call(context);
    // Node.js would also read `singleUse` from Object.prototype, and close the context after one dial.
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

/** Refuses a long list of algorithms: OpenSSL reads it in more than linear time. */
export function algorithms(name: string, value: unknown): void {
  if (typeof value !== 'string' || value.length <= longestNames) return;
  throw new OptionError(name, `at most ${longestNames} characters`, value);
}

/** Copies what goes into a secure context, which may be a list. `tls.createSecureContext()` checks the items. */
export function ingredients(name: string, value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const items = itemsOf(value, mostItems);
  if (items) return items;
  throw new OptionError(name, `at most ${mostItems} items`, value);
}

/**
 * Certificates to trust. Where no part of a text has the form PEM, Node.js trusts no certificate and reports no error: every dial would fail.
 */
export function authorities(name: string, value: unknown): void {
  for (const each of ingredients(name, Array.isArray(value) ? value : [value]) as unknown[]) {
    const text = ArrayBuffer.isView(each) ? bytesOf(each).toString('latin1') : each;
    if (typeof text !== 'string' || text === '' || text.includes('-----BEGIN')) continue;
    const got = `${describe(each)} (pass the content of a file, not its path)`;
    throw new OptionError(name, 'certificates in PEM', each, got);
  }
}
