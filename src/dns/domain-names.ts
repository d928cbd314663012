import { check, type Check } from '../primitives/checks.js';

const label = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/i;

/** A name in lower case, without a dot at the end: the form to compare, and the form in certificates. */
export function canonical(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}

/** Whether it is a valid host name. The last label is not a number: that would be a spelling of an IPv4 address. */
export function isDomainName(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 254) return false;
  const name = canonical(value);
  const labels = name.split('.');
  return name.length <= 253 && labels.every((each) => label.test(each)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

export const domainName: Check = check('a domain name in ASCII, and no IP address', isDomainName);

/** Consul and ECS have names of services without underscores, such as `redis.service.consul` and `backend.shop.local`. */
export const serviceName: Check = check('a name such as _service._tcp.example.com', (value) => {
  if (!isDomainName(value)) return false;
  const [service = '', protocol = '', ...domain] = value.split('.');
  if (!service.startsWith('_') && !protocol.startsWith('_')) return true;
  return isServiceLabel(service) && isServiceLabel(protocol) && isDomainName(domain.join('.'));
});

function isServiceLabel(text: string): boolean {
  return text.startsWith('_') && text.length > 1;
}

/** The domain that a service is in: what follows `_service._protocol`, or a name without underscores itself. */
function ownDomain(service: string): string {
  return service.replace(/^_[^.]*\._[^.]*\./, '');
}

/**
 * The domain that the targets of a service have to be in: for `_service._protocol.a.example.com`, the parent of `a.example.com`.
 * A domain of one or two labels stands for itself: its parent would be a whole top-level domain, or the root.
 */
export function domainOfTargets(service: string): string {
  const own = ownDomain(canonical(service));
  return own.split('.').length > 2 ? own.slice(own.indexOf('.') + 1) : own;
}

/** Names of services in Consul, and of the nodes that they lead to, which are in a domain of their own. */
const consul = {
  service: /(?:^|\.)(?:service|query)\.(?:[^.]+\.)*consul$/,
  node: /\.(?:node|addr)\.(?:[^.]+\.)*consul$/,
};

/**
 * Whether a canonical name is the service's own domain, or below {@link domainOfTargets}; or a node of Consul, such as
 * `n1.node.dc1.consul`, where the service is one of Consul, such as `redis.service.consul`.
 */
export function isInDomain(target: string, service: string): boolean {
  const name = canonical(service);
  if (target === ownDomain(name) || target.endsWith(`.${domainOfTargets(name)}`)) return true;
  return consul.service.test(name) && consul.node.test(target);
}
