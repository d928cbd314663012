import { check, type Check } from '../primitives/checks.js';

const label = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/i;

/** In lower case, without the dot that may end it: as names are compared, and as certificates have them. */
export function canonical(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}

/** A name that hosts can have. The last label is no number: otherwise it would be an IPv4 address in one of its spellings. */
export function isDomainName(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 254) return false;
  const name = canonical(value);
  const labels = name.split('.');
  return name.length <= 253 && labels.every((each) => label.test(each)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

export const domainName: Check = check('a domain name in ASCII, and no IP address', isDomainName);

export const serviceName: Check = check('a name such as _service._tcp.example.com', (value) => {
  if (!isDomainName(value)) return false;
  const [service, protocol, ...domain] = value.split('.');
  return isServiceLabel(service) && isServiceLabel(protocol) && isDomainName(domain.join('.'));
});

function isServiceLabel(text: string | undefined): boolean {
  return text?.startsWith('_') === true && text.length > 1;
}

/**
 * The domain in which the targets of a service have to be: the parent of `a.example.com` in `_service._tcp.a.example.com`.
 * A domain of one or two labels stands for itself, as its parent would be a whole top-level domain, or the root.
 */
export function domainOfTargets(service: string): string {
  const labels = canonical(service).split('.').slice(2);
  return labels.slice(labels.length > 2 ? 1 : 0).join('.');
}

/** Whether a canonical name is within that domain: the service's own, or one below the domain. */
export function isInDomain(target: string, service: string): boolean {
  const own = canonical(service).split('.').slice(2).join('.');
  return target === own || target.endsWith(`.${domainOfTargets(service)}`);
}
