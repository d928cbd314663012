import * as fc from 'fast-check';
import { fail, hostile, is, type Hostile } from './hostile.js';

/** How an object comes by its members. */
const manners = ['own', 'own', 'own', 'null prototype', 'inherited', 'getters', 'throwing'] as const;

/** An object with some members of these names, each a hostile value or, more often, one that `members` has for it. */
export function objectWith(
  names: readonly string[],
  members: Readonly<Record<string, fc.Arbitrary<Hostile>>> = {},
): fc.Arbitrary<Hostile> {
  const member = fc.constantFrom(...names).chain((name) => {
    const known = members[name];
    const value = known
      ? fc.oneof({ weight: 3, arbitrary: known }, { weight: 1, arbitrary: hostile })
      : hostile;
    return value.map((each) => [name, each] as const);
  });
  return fc
    .record({ manner: fc.constantFrom(...manners), entries: fc.array(member, { maxLength: 5 }) })
    .map(({ manner, entries }) => {
      const label = entries.map(([name, { label: value }]) => `${name}: ${value}`).join(', ');
      return is(`{ ${label} } (${manner})`, () => build(manner, entries));
    });
}

function build(manner: (typeof manners)[number], entries: readonly (readonly [string, Hostile])[]): unknown {
  const own = Object.fromEntries(entries.map(([name, { make }]) => [name, make()]));
  if (manner === 'own') return own;
  if (manner === 'null prototype') return Object.assign(Object.create(null) as object, own);
  if (manner === 'inherited') return Object.create(own);
  const object = {};
  for (const name of Object.keys(own)) {
    const get = manner === 'throwing' ? fail : () => own[name];
    Object.defineProperty(object, name, { enumerable: true, configurable: true, get });
  }
  return object;
}
