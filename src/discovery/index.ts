export type { DiscoveredEndpoint, Discovery } from './discovery.js';
export { distinct, endpointKey, mostEndpoints, readSnapshot } from './snapshot.js';
export { staticEndpoints } from './static-endpoints.js';
