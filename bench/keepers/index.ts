import { openGenericPool } from '../lenders/generic-pool.js';
import { openLightningPool } from '../lenders/lightning-pool.js';
import { openTarn, openValidatingTarn } from '../lenders/tarn.js';
import { holdBare, keepBare, keepBareToTheEnd } from './bare.js';
import { keepBorrowed } from './borrowed.js';
import { keepConnected, keepConnman } from './connman.js';
import { keepConnman2 } from './connman-2.js';
import { keepCueball } from './cueball.js';
import { holdIdle } from './idle.js';
import type { OpenKeeper } from './keeper.js';
import { keepReconnectNet } from './reconnect-net.js';

/** What keeps connections open, by name. */
const keepers = {
  connman: keepConnman(),
  'connman, max 1 000': keepConnman({ backoff: { initial: 20, max: 1_000 } }),
  'connman, connect()': keepConnected,
  bare: keepBare,
  'bare, end()': keepBareToTheEnd,
  'bare, no retry': holdBare,
  'connman-2': keepConnman2,
  'reconnect-net': keepReconnectNet,
  cueball: keepCueball,
  'generic-pool': keepBorrowed(openGenericPool),
  tarn: keepBorrowed(openValidatingTarn),
  'lightning-pool': keepBorrowed(openLightningPool),
} satisfies Record<string, OpenKeeper>;

/** The name of one of the {@link keepers}. */
export type KeeperName = keyof typeof keepers;

/** The keepers that are compared everywhere: each once. */
export const contestants: readonly KeeperName[] = [
  'connman',
  'bare',
  'connman-2',
  'reconnect-net',
  'cueball',
  'generic-pool',
  'tarn',
  'lightning-pool',
];

/** Those of them that are packages of others, or of another time. */
export const peers: readonly KeeperName[] = contestants.filter(
  (name) => name !== 'connman' && name !== 'bare',
);

/** What holds idle connections, by name: what keeps them, and the pools that do not. */
export const holders = {
  connman: keepConnman(),
  'connman, connect()': keepConnected,
  bare: keepBare,
  'connman-2': keepConnman2,
  'reconnect-net': keepReconnectNet,
  cueball: keepCueball,
  'generic-pool': holdIdle(openGenericPool),
  tarn: holdIdle(openTarn),
  'lightning-pool': holdIdle(openLightningPool),
} satisfies Record<string, OpenKeeper>;

/** The name of one of the {@link holders}. */
export type HolderName = keyof typeof holders;

/** The keeper of that name. */
export function keeperNamed(name: string | undefined): OpenKeeper {
  return named('keeper', keepers, name);
}

/** The holder of that name. */
export function holderNamed(name: string | undefined): OpenKeeper {
  return named('holder', holders, name);
}

function named(what: string, all: Record<string, OpenKeeper>, name: string | undefined): OpenKeeper {
  for (const [known, keeper] of Object.entries(all)) if (known === name) return keeper;
  throw new TypeError(`${what}: expected one of ${Object.keys(all).join(', ')}, got ${name}`);
}
