export { type BlackHole, type BlackHoleOptions, startBlackHole } from './black-hole.js';
export type { ChildScript } from './child-source.js';
export { type ServerProcess, type ServerProcessOptions, startServerProcess } from './server-process.js';
