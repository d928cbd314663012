export type { DiscoveredEndpoint, Discovery } from './discovery.js';
export { endpointKey, readSnapshot } from './snapshot.js';
export { staticEndpoints } from './static-endpoints.js';
export { dnsAddresses } from './dns-addresses.js';
export { dnsServices } from './dns-services.js';
export type { DnsOptions, DnsServicesOptions } from './dns-options.js';
