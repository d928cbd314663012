export type { Applicant } from './applicant.js';
export type { Gate } from './gate.js';
export { Gates } from './gates.js';
