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

export const serviceName: Check = check('a name such as _service._tcp.example.com', (value) => {
  if (!isDomainName(value)) return false;
  const [service, protocol, ...domain] = value.split('.');
  return isServiceLabel(service) && isServiceLabel(protocol) && isDomainName(domain.join('.'));
});

function isServiceLabel(text: string | undefined): boolean {
  return text?.startsWith('_') === true && text.length > 1;
}

/**
 * The domain that the targets of a service have to be in: for `_service._tcp.a.example.com`, the parent of `a.example.com`. A
 * domain of one or two labels stands for itself: its parent would be a whole top-level domain, or the root.
 */
export function domainOfTargets(service: string): string {
  const labels = canonical(service).split('.').slice(2);
  return labels.slice(labels.length > 2 ? 1 : 0).join('.');
}

/** Whether a canonical name is the service's own domain, or below {@link domainOfTargets}. */
export function isInDomain(target: string, service: string): boolean {
  const own = canonical(service).split('.').slice(2).join('.');
  return target === own || target.endsWith(`.${domainOfTargets(service)}`);
}
