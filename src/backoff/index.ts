export type { Backoff } from './backoff.js';
export { constant, type ConstantOptions } from './constant.js';
export { exponential, type ExponentialOptions } from './exponential.js';
export { longestDelayOf } from './longest.js';
export { toBackoffFactory } from './factory.js';
