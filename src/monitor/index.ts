export { startMonitor, type Monitor } from './start-monitor.js';
export type { MonitorOptions } from './options.js';
