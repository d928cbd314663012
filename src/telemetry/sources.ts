/** What the objects of the application are inside: of a pool its core, of a manager what its connections share. */
const insides: WeakMap<object, object> = new WeakMap();

/** A source of messages, as far as it says to whom it belongs. */
interface Source {
  readonly shared?: object;
  readonly owner?: { readonly host?: object; readonly shared?: object };
}

let present: Source | undefined;

/** Notes what an object of the application is inside. */
export function rememberInside(object: object, inside: object): void {
  insides.set(object, inside);
}

/** A message of this source is about to be published. Returns the source before, which is to be given back afterwards. */
export function setSource(source: object | undefined): object | undefined {
  const before = present;
  present = source;
  return before;
}

/** In a subscriber: whether the message is about this pool, or about anything of this manager. Names may be those of others. */
export function isFrom(object: object): boolean {
  const inside = insides.get(object);
  if (!inside || !present) return false;
  const { shared, owner } = present;
  return [present, shared, owner?.host, owner?.shared].includes(inside);
}
