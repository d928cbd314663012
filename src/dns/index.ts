export { dnsAddresses } from './dns-addresses.js';
export { dnsServices } from './dns-services.js';
export type { DnsOptions, DnsServicesOptions } from './dns-options.js';
