export { Balancer } from './balancer.js';
export type { Candidate, Load, Picker } from './candidate.js';
export { chosenBy, type Candidates, type Choose } from './chosen.js';
export { leastLeased } from './least-leased.js';
export { random } from './random.js';
export { roundRobin } from './round-robin.js';
export { twoChoices, type LoadOf } from './two-choices.js';
