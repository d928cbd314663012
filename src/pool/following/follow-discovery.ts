import {
  mergeOptions,
  resolveOptions,
  type ConnectionOptions,
  type Handler,
  type ResolvedOptions,
} from '../../connection/index.js';
import { endpointKey, type DiscoveredEndpoint } from '../../discovery/index.js';
import type { Endpoint } from '../../primitives/endpoint.js';
import { publishDiscoveryFailed, publishPoolDiscover } from '../../telemetry/index.js';
import type { PoolCore } from '../core.js';
import type { Member } from '../members/member.js';
import { Reconciler, type ReconcilerHost } from './reconciler.js';
import type { PoolSettings } from '../options.js';

/** The options that a pool gives to its connections: as they were given, and as they are used. */
export interface PoolDefaults {
  readonly given: ConnectionOptions;
  readonly resolved: ResolvedOptions;
}

/** What keeps the connections of a pool as its discovery says, if it has one. */
export function followDiscovery<H extends Handler>(
  core: PoolCore<H>,
  settings: PoolSettings,
  factory: (endpoint: Endpoint) => H,
  defaults: PoolDefaults,
): Reconciler<H> | undefined {
  const { discovery } = settings;
  if (!discovery) return undefined;
  const host: ReconcilerHost<H> = {
    get discovered() {
      return discoveredMembers(core);
    },
    get ready() {
      return core.roster.ready;
    },
    open: (discovered) => {
      if (core.isClosed) return;
      const { priority = 0, servername } = discovered;
      const options = optionsFor(servername, defaults);
      const [key, endpoint] = [endpointKey(discovered), addressOf(discovered)];
      core.open({ key, endpoint, priority, isDiscovered: true, options, factory });
    },
    prioritize: (endpoint) => {
      const group = core.roster.groups.get(endpointKey(endpoint));
      if (group) core.roster.prioritize(group, endpoint.priority ?? 0);
    },
    drain: (member) => member.leave({ drain: settings.drain }, member.wasPicked),
    hasFollowed: (endpoints, opened, drained) => {
      publishPoolDiscover(core, endpoints, opened, drained);
      // What is free may have got a better priority.
      core.leases.serve();
    },
    discoveryFailed: (error) => {
      core.discoveryFailed(error);
      publishDiscoveryFailed(core, error);
    },
    discoveryEnded: () => core.discoveryEnded(),
  };
  return new Reconciler(discovery, settings, host);
}

/** The longer somebody would miss it, the earlier in the list. */
function discoveredMembers<H extends Handler>({ roster }: PoolCore<H>): readonly Member<H>[] {
  const rank = ({ lease, isReady }: Member<H>): number => (lease ? 0 : isReady ? 1 : 2);
  return roster.members
    .toArray()
    .filter(({ isDiscovered, status }) => isDiscovered && status !== 'leaving')
    .toSorted((a, b) => rank(a) - rank(b));
}

function addressOf({ host, port, path }: DiscoveredEndpoint): Endpoint {
  return Object.freeze(path === undefined ? { host, port } : { path }) as Endpoint;
}

/** Over TLS, the peer is verified by the name that discovery gives, unless the program gives one. */
function optionsFor(servername: string | undefined, { given, resolved }: PoolDefaults): ResolvedOptions {
  const { tls } = given;
  if (!tls || servername === undefined) return resolved;
  const own = tls === true ? {} : tls;
  if (own.servername !== undefined) return resolved;
  return resolveOptions(mergeOptions(given, { tls: { ...own, servername } }));
}
