// An application that Prometheus scrapes: npx tsx examples/telemetry/prometheus.ts [port] [host] [port for Prometheus]
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, createPool, defaultManager, disconnectAll } from 'connman';
import { prometheus } from 'connman/metrics';

const [port = '7000', host = '127.0.0.1', metricsPort = '9464'] = process.argv.slice(2);
const exporter = prometheus(defaultManager, undefined, { endpoints: 10 });
const server = createServer((_, response) => {
  response.setHeader('Content-Type', exporter.contentType).end(exporter.metrics());
});

const pool = createPool('echo', () => ({ onConnect: () => undefined }));
pool.addConnection(Number(port), host);
pool.addConnection(Number(port), host);
connect(Number(port), host, { onConnect: () => undefined });

let isOver = false;

/** Something to measure: asks the server ten times a second. */
async function work(): Promise<void> {
  while (!isOver) {
    await wait(100);
    const asked = pool.use(async ({ socket, signal }) => {
      socket.write('hello\n');
      await once(socket, 'data', { signal });
    });
    await asked.catch(() => undefined);
  }
}

async function main(): Promise<void> {
  await once(server.listen(Number(metricsPort), '127.0.0.1'), 'listening');
  console.log(`http://127.0.0.1:${metricsPort}/metrics`);
  process.once('SIGINT', () => {
    isOver = true;
    exporter.stop();
    server.close();
    server.closeAllConnections();
    void disconnectAll();
  });
  await work();
}

void main();
