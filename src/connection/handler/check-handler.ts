import { isClass } from '../../primitives/checks.js';
import { OptionError } from '../../primitives/errors.js';
import type { Handler } from './connection.js';
import { differByOneEdit } from './one-edit.js';

/**
 * What connman calls: everything in `Handler`. Whether it has to be there. `onReconnect` comes first: of a name that is as
 * close to `onConnect`, a letter was more likely left out than added.
 */
const methods: Readonly<Record<keyof Handler, 'required' | 'optional'>> = {
  onReconnect: 'optional',
  onConnect: 'required',
  onReset: 'optional',
  onData: 'optional',
  onDrain: 'optional',
  onRetire: 'optional',
  onRetry: 'optional',
  onClose: 'optional',
  onError: 'optional',
};

const names = Object.keys(methods) as (keyof Handler)[];
const inLowerCase: readonly (readonly [name: string, lower: string])[] = names.map((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * Refuses a handler without `onConnect`, one whose methods are no functions, and one with a method that is named almost like
 * one of ours: it would never be called. Every member is read at most once, as it may be a getter.
 */
export function checkHandler(candidate: unknown): asserts candidate is Handler {
  const isObject = typeof candidate === 'object' && candidate !== null && !(candidate instanceof Promise);
  const isPossible = isObject || typeof candidate === 'function';
  if (!isPossible) throw new OptionError('handler', 'an object with the method onConnect', candidate);
  const handler = candidate as Readonly<Record<string, unknown>>;
  // First, as a misspelled onConnect is missing as well.
  refuseMisspelled(handler);
  if (typeof candidate === 'function' && !('onConnect' in candidate)) {
    const { prototype } = candidate as { prototype?: Partial<Handler> };
    const isConstructor = isClass(candidate) || prototype?.onConnect;
    const got = isConstructor ? 'a class (pass an instance)' : undefined;
    throw new OptionError('handler', 'an object with the method onConnect', candidate, got);
  }
  for (const name of names) {
    const method = handler[name];
    if (typeof method === 'function') continue;
    if (methods[name] === 'required') throw new OptionError(`handler.${name}`, 'a function', method);
    if (method !== undefined) throw new OptionError(`handler.${name}`, 'a function or nothing', method);
  }
}

/** Looks at the handler and at what it inherits, but not at what all objects inherit. */
function refuseMisspelled(handler: Readonly<Record<string, unknown>>): void {
  let holder: object = handler;
  for (;;) {
    for (const [name, meant] of misspelledNames(holder, holder !== handler)) {
      const member = handler[name];
      if (typeof member !== 'function') continue;
      throw new OptionError(`handler.${name}`, `no such method (did you mean ${meant}?)`, member);
    }
    const parent = Object.getPrototypeOf(holder) as object | null;
    if (!parent || Object.getPrototypeOf(parent) === null) return;
    holder = parent;
  }
}

type Misspelled = readonly (readonly [name: string, meant: string])[];

const none: Misspelled = [];
/** What was found in prototypes: a pool makes many handlers of one class. */
const ofPrototypes = new WeakMap<object, Misspelled>();

/** An object's own names that are almost ours, with the ones that were meant. */
function misspelledNames(holder: object, isPrototype: boolean): Misspelled {
  const known = isPrototype ? ofPrototypes.get(holder) : undefined;
  if (known) return known;
  let found: [name: string, meant: string][] | undefined;
  for (const name of Object.getOwnPropertyNames(holder)) {
    const meant = meantBy(name);
    if (meant !== undefined) (found ??= []).push([name, meant]);
  }
  if (isPrototype) ofPrototypes.set(holder, found ?? none);
  return found ?? none;
}

/** The method whose name this is, but for case or one edit. A name that begins with `_` is private to the application. */
function meantBy(name: string): string | undefined {
  if (Object.hasOwn(methods, name) || name.startsWith('_')) return undefined;
  const lower = name.toLowerCase();
  return inLowerCase.find(([, known]) => differByOneEdit(lower, known))?.[0];
}
