export {
  createLookup,
  dnsAddresses,
  dnsServices,
  lookup,
  type DnsLookupOptions,
  type DnsOptions,
  type DnsServicesOptions,
} from './dns/index.js';
export { file, redisSentinel, type FileOptions, type RedisSentinelOptions } from './registries/index.js';
