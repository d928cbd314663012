import {
  ADDRCONFIG,
  ALL,
  V4MAPPED,
  getDefaultResultOrder,
  type LookupAddress,
  type LookupOptions,
} from 'node:dns';
import { networkInterfaces } from 'node:os';

type Family = 4 | 6;

/** The families of which this host has an address to send from. */
export interface Reach {
  readonly v4: boolean;
  readonly v6: boolean;
}

/** What a caller wants to know of a name. */
export interface Wanted {
  /** 0: both. */
  readonly family: 0 | Family;
  readonly hints: number;
  readonly order: 'verbatim' | 'ipv4first' | 'ipv6first';
}

/** Reads the options as `dns.lookup()` does. */
export function readWanted({ family, hints, order, verbatim }: LookupOptions): Wanted {
  const byVerbatim = verbatim === undefined ? getDefaultResultOrder() : verbatim ? 'verbatim' : 'ipv4first';
  return { family: familyOf(family), hints: hints ?? 0, order: order ?? byVerbatim };
}

function familyOf(family: LookupOptions['family']): 0 | Family {
  if (family === 4 || family === 'IPv4') return 4;
  return family === 6 || family === 'IPv6' ? 6 : 0;
}

/** The addresses of this host that are neither loopback nor link-local. Without any, or where they are secret: both families. */
export function systemReach(): Reach {
  try {
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const usable = own.filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address));
    const reach = {
      v4: usable.some(({ family }) => family === 'IPv4'),
      v6: usable.some(({ family }) => family === 'IPv6'),
    };
    return reach.v4 || reach.v6 ? reach : { v4: true, v6: true };
  } catch {
    return { v4: true, v6: true };
  }
}

/** The families to ask for. None: there is nothing that the caller could use. */
export function familiesToAsk({ family, hints }: Wanted, { v4, v6 }: Reach): readonly Family[] {
  const isMapped = family === 6 && (hints & V4MAPPED) !== 0;
  const asked: readonly Family[] = family === 0 || isMapped ? [4, 6] : [family];
  if ((hints & ADDRCONFIG) === 0) return asked;
  return asked.filter((each) => (each === 4 ? v4 || isMapped : v6));
}

/** The addresses that the caller wants, in its order. With `verbatim`, a family that this host can use comes first. */
export function arrange(
  found: readonly LookupAddress[],
  { family, hints, order }: Wanted,
  { v4, v6 }: Reach,
): LookupAddress[] {
  const of = (wanted: Family): LookupAddress[] => found.filter((each) => each.family === wanted);
  if (family === 4) return of(4);
  if (family === 0) {
    const isV6First = order === 'ipv6first' || (order === 'verbatim' && (v6 || !v4));
    return isV6First ? [...of(6), ...of(4)] : [...of(4), ...of(6)];
  }
  const own = of(6);
  if ((hints & V4MAPPED) === 0 || (own.length > 0 && (hints & ALL) === 0)) return own;
  return [...own, ...of(4).map(({ address }) => ({ address: `::ffff:${address}`, family: 6 }))];
}
