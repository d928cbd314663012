export { Asking, defaultLeast, type AskListener } from './asking.js';
export type { AskReason, DiscoveredEndpoint, Discovery, DiscoveryContext } from './discovery.js';
export { distinct, endpointKey, mostEndpoints, readSnapshot } from './snapshot.js';
export { sourceOf } from './source-of.js';
export { staticEndpoints } from './static-endpoints.js';
