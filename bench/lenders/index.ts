import { openConnman } from './connman.js';
import { openCueball } from './cueball.js';
import { openGenericPool } from './generic-pool.js';
import type { OpenLender } from './lender.js';
import { openLightningPool } from './lightning-pool.js';
import { openTarn } from './tarn.js';

/** What lends connections, by name. */
const lenders = {
  connman: openConnman,
  tarn: openTarn,
  'lightning-pool': openLightningPool,
  'generic-pool': openGenericPool,
  cueball: openCueball,
} satisfies Record<string, OpenLender>;

/** The name of one of the {@link lenders}. */
export type LenderName = keyof typeof lenders;

/** The lender of that name. */
export function lenderNamed(name: string | undefined): OpenLender {
  for (const [known, lender] of Object.entries(lenders)) if (known === name) return lender as OpenLender;
  throw new TypeError(`lender: expected one of ${Object.keys(lenders).join(', ')}, got ${name}`);
}
