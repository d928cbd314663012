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

/** The records to use, and what was left out, in words. */
export interface UsableRecords {
  readonly records: readonly ServiceRecord[];
  readonly omissions: readonly string[];
}

/**
 * The records with an allowed target and a valid port, sorted, so that the same answer is cut in the same place.
 * @throws DiscoveryError if there is none.
 */
export function usableRecords(records: readonly SrvRecord[], service: ServiceSettings): UsableRecords {
  const all = records.map(({ name, ...rest }) => ({ ...rest, target: canonical(name) }));
  if (all.every(({ target }) => target === '')) {
    throw new DiscoveryError(`there is no service at ${service.name}`, service.name);
  }
  const targets = new Set(all.map(({ target }) => target));
  const allowed = new Set([...targets].filter((target) => isAllowed(target, service)));
  const usable = all.filter(({ target, port }) => allowed.has(target) && port > 0);
  if (!usable.length) throw noneUsable(targets.size, allowed.size, service);
  const kept = usable.toSorted(inOrder).slice(0, service.most);
  const [refused, excess] = [targets.size - allowed.size, usable.length - kept.length];
  const omissions: string[] = [];
  if (refused > 0) omissions.push(`${ruleOf(service)} refuses ${refused} of its ${targets.size} targets`);
  if (excess > 0) omissions.push(`maxEndpoints leaves out ${excess} of its ${usable.length} targets`);
  return { records: kept, omissions };
}

function isAllowed(target: string, { name, allowTarget }: ServiceSettings): boolean {
  if (!isDomainName(target)) return false;
  if (!allowTarget) return isInDomain(target, name);
  // Only `true` counts: the promise of an async function is truthy as well.
  const answer: unknown = allowTarget(target);
  return answer === true;
}

function noneUsable(total: number, allowed: number, service: ServiceSettings): DiscoveryError {
  const { name } = service;
  const reason = allowed ? 'no port above 0' : `refused by ${ruleOf(service)}`;
  return new DiscoveryError(`none of the ${total} targets of ${name} can be used: ${reason}`, name);
}

function ruleOf({ name, allowTarget }: ServiceSettings): string {
  return allowTarget ? 'allowTarget' : `the rule that they are below ${domainOfTargets(name)}`;
}

function inOrder(a: ServiceRecord, b: ServiceRecord): number {
  return a.priority - b.priority || (a.target === b.target ? a.port - b.port : a.target < b.target ? -1 : 1);
}
