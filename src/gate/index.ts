export type { DialBlame, EndedBy } from './decision.js';
export type { DialRequester } from './dial-requester.js';
export { Gate } from './gate.js';
export { Gates, type DialLimits } from './gates.js';
export { sameOptions } from './same-options.js';
export type { DrawnWait } from './shared-backoff.js';
