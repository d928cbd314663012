export { dnsAddresses } from './dns-addresses.js';
export { dnsServices } from './dns-services.js';
export { createLookup, lookup, type DnsLookupOptions } from './lookup.js';
export type { DnsOptions, DnsServicesOptions } from './dns-options.js';
