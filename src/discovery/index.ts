export type { DiscoveredEndpoint, Discovery } from './discovery.js';
export { endpointKey, readSnapshot } from './snapshot.js';
export { staticEndpoints } from './static-endpoints.js';
