export { etcd, type EtcdOptions } from './etcd.js';
export { file, type FileOptions } from './file.js';
export { redisSentinel, type RedisSentinelOptions } from './redis-sentinel.js';
