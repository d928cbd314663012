export {
  createLookup,
  dnsAddresses,
  dnsServices,
  lookup,
  type DnsLookupOptions,
  type DnsOptions,
  type DnsServicesOptions,
} from './dns/index.js';
export {
  etcd,
  file,
  redisSentinel,
  type EtcdOptions,
  type FileOptions,
  type RedisSentinelOptions,
} from './registries/index.js';
