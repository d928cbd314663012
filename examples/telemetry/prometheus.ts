// An application that Prometheus scrapes: npx tsx examples/telemetry/prometheus.ts [port] [host] [port for Prometheus]
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createPool, defaultManager, disconnectAll, staticEndpoints } from 'connman';
import { prometheus } from 'connman/metrics';

const [port = '7000', host = '127.0.0.1', metricsPort = '9464'] = process.argv.slice(2);
const exporter = prometheus(defaultManager, undefined, { endpoints: 10 });
const server = createServer((_, response) => {
  response.setHeader('Content-Type', exporter.contentType).end(exporter.metrics());
});

const discovery = staticEndpoints([{ host, port: Number(port) }]);
const pool = createPool('echo', () => ({ onConnect: () => undefined }), { discovery, perEndpoint: 2 });
connect(Number(port), host, { onConnect: () => undefined });

/** Something to measure: asks the server. */
async function ask(): Promise<void> {
  await pool.use(async ({ socket, signal }) => {
    socket.write('hello\n');
    await once(socket, 'data', { signal });
  });
}

async function main(): Promise<void> {
  await once(server.listen(Number(metricsPort), '127.0.0.1'), 'listening');
  console.log(`http://127.0.0.1:${metricsPort}/metrics`);
  const work = setInterval(() => void ask().catch(() => undefined), 100);
  process.once('SIGINT', () => {
    clearInterval(work);
    exporter.stop();
    server.close();
    server.closeAllConnections();
    void disconnectAll();
  });
}

void main();
