export {
  createLookup,
  dnsAddresses,
  dnsServices,
  lookup,
  type DnsLookupOptions,
  type DnsOptions,
  type DnsServicesOptions,
} from './dns/index.js';
export { file, type FileOptions } from './registries/index.js';
