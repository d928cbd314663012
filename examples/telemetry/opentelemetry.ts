/**
 * The metrics of all pools and connections for OpenTelemetry, written to the console. With another exporter, they go to your
 * collector.
 */
import {
  ConsoleMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { defaultManager } from 'connman';
import { openTelemetry } from 'connman/metrics';

/** Exports every minute. Returns what stops that, after a last export. */
export function exportMetrics(): () => Promise<void> {
  const reader = new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() });
  const provider = new MeterProvider({ readers: [reader] });
  const stop = openTelemetry(defaultManager, provider.getMeter('connman'), { endpoints: 10 });
  return async () => {
    await provider.shutdown();
    stop();
  };
}
