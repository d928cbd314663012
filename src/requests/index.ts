export type { RequestOptions, SendOptions } from './options.js';
export { Requests } from './requests.js';
