import type { SrvRecord } from 'node:dns';
import { DiscoveryError } from '../primitives/errors.js';
import { canonical, domainOfTargets, isDomainName, isInDomain } from './domain-names.js';

/** An SRV record: `target` is the name of a host. */
export interface ServiceRecord {
  readonly target: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** The service to look up, and which of its records are used. */
export interface ServiceSettings {
  readonly name: string;
  readonly allowTarget: ((target: string) => boolean) | undefined;
  readonly most: number;
}

/**
 * The records with an allowed target and a valid port, sorted, so that the same answer is cut in the same place.
 * @throws DiscoveryError if there is none.
 */
export function usableRecords(
  records: readonly SrvRecord[],
  service: ServiceSettings,
): readonly ServiceRecord[] {
  const all = records.map(({ name, ...rest }) => ({ ...rest, target: canonical(name) }));
  if (all.every(({ target }) => target === '')) {
    throw new DiscoveryError(`there is no service at ${service.name}`, service.name);
  }
  const targets = new Set(all.map(({ target }) => target));
  const allowed = new Set([...targets].filter((target) => isAllowed(target, service)));
  const usable = all.filter(({ target, port }) => allowed.has(target) && port > 0);
  if (!usable.length) throw noneUsable(targets.size, allowed.size, service);
  return usable.toSorted(inOrder).slice(0, service.most);
}

function isAllowed(target: string, { name, allowTarget }: ServiceSettings): boolean {
  if (!isDomainName(target)) return false;
  if (!allowTarget) return isInDomain(target, name);
  // Only `true` counts: the promise of an async function is truthy as well.
  const answer: unknown = allowTarget(target);
  return answer === true;
}

function noneUsable(total: number, allowed: number, { name, allowTarget }: ServiceSettings): DiscoveryError {
  const rule = allowTarget ? 'allowTarget' : `the rule that they are below ${domainOfTargets(name)}`;
  const reason = allowed ? 'no port above 0' : `refused by ${rule}`;
  return new DiscoveryError(`none of the ${total} targets of ${name} can be used: ${reason}`, name);
}

function inOrder(a: ServiceRecord, b: ServiceRecord): number {
  return a.priority - b.priority || (a.target === b.target ? a.port - b.port : a.target < b.target ? -1 : 1);
}
