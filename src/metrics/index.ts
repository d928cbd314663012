export {
  openTelemetry,
  type MeterAttributes,
  type MeterResult,
  type OpenTelemetryMeter,
} from './open-telemetry.js';
export { prometheus, type PrometheusExporter, type PrometheusRegistry } from './prometheus.js';
export type { Measured, MeasuredManager, MeasuredPool, MetricsOptions } from './source.js';
