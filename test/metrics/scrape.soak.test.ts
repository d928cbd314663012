import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { it } from '../examples/example.js';
import { freePort, needsInstalled, startInstalled, type Installable } from '../support/installed-server.js';

const dashboards = join(__dirname, '..', '..', 'dashboards');

function prometheusOf(target: string): Installable {
  return {
    command: 'prometheus',
    package: 'prometheus',
    args: ({ port, folder }) => [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      // Other 5 s.
      '--scrape.discovery-reload-interval=50ms',
    ],
    prepare: ({ folder }) => {
      const config = {
        global: { scrape_interval: '100ms', scrape_timeout: '100ms' },
        rule_files: [join(dashboards, 'alerts.yml')],
        scrape_configs: [{ job_name: 'example', static_configs: [{ targets: [target] }] }],
      };
      // JSON is YAML.
      writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    },
    probe: { ask: 'GET /-/ready HTTP/1.0\r\n\r\n', answer: 'HTTP/1.0 200' },
  };
}

const promtool: Installable = { ...prometheusOf(''), command: 'promtool' };

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** The queries of the dashboard, as Grafana sends them. */
function dashboardQueries(): string[] {
  const { panels } = JSON.parse(readFileSync(join(dashboards, 'grafana.json'), 'utf8')) as {
    panels: { targets: { expr: string }[] }[];
  };
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const values = { job: '.*', pool: '.*', __rate_interval: '2s' };
  return queries.map((query) =>
    query.replaceAll(/\$(\w+)/g, (_, name: keyof typeof values) => values[name] ?? `no $${name}`),
  );
}

describe('a real Prometheus', () => {
  it('scrapes the example, answers the queries of the dashboard, and knows the alerts', async ({
    server,
    start,
    skip,
  }) => {
    needsInstalled(prometheusOf(''), { skip });
    const port = await freePort();
    const example = start('telemetry/prometheus.ts', server.port, server.host, port);
    // Before its first scrape, Prometheus takes its time, 5 s.
    await using scraped = await startInstalled(prometheusOf(`127.0.0.1:${port}`));
    await Promise.all([1, 2, 3].map((each) => server.accept(each)));
    server.dropAll('reset');
    const ask = async (query: string): Promise<readonly Result[]> => {
      const url = `http://127.0.0.1:${scraped.port}/api/v1/query?query=${encodeURIComponent(query)}`;
      const answer = (await (await fetch(url)).json()) as { data?: { result: Result[] }; error?: string };
      if (!answer.data) throw new Error(`${query}: ${answer.error}`);
      return answer.data.result;
    };
    const until = async (query: string): Promise<void> => {
      while ((await ask(query)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await until('connman_connections{pool="echo", state="ready"} == 2');
    await until('connman_connections{pool="", state="ready"} == 1');
    await until('rate(connman_lease_held_seconds_count[2s]) > 0');
    // One that is dropped while it is dialled counts as a failed dial.
    await until('sum(connman_resets_total{code="error"}) >= 1');
    const silent = /endpoint_not_up_seconds/;
    const found = await Promise.all(
      dashboardQueries().map(async (query) => [query, await ask(query)] as const),
    );
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter(([query, { length }]) => length === 0 && !silent.test(query))).toEqual([]);
    expect(await ask('connman_connections{state="ready"}')).toMatchObject([
      { metric: { pool: 'echo' }, value: [expect.anything(), '2'] },
      { metric: {}, value: [expect.anything(), '1'] },
    ]);
    expect(await ask(`connman_endpoint_lives_total{endpoint="127.0.0.1:${server.port}"} > 0`)).toHaveLength(
      2,
    );
    const rules = (await (await fetch(`http://127.0.0.1:${scraped.port}/api/v1/rules`)).json()) as {
      data: { groups: { rules: { health: string; lastError?: string }[] }[] };
    };
    const alerts = rules.data.groups.flatMap((group) => group.rules);
    expect(alerts.length).toBeGreaterThan(5);
    expect(alerts.filter(({ health }) => health === 'err')).toEqual([]);
    const report = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    example.interrupt();
    expect(await example.exit).toBe(0);
    expect(await promtoolSays(['check', 'metrics'], report)).toBe('');
  });

  it('finds nothing wrong with the alerts', async ({ skip }) => {
    needsInstalled(promtool, { skip });
    const text = await promtoolSays(['check', 'rules', join(dashboards, 'alerts.yml')], '');
    expect(text).toMatch(/SUCCESS: \d+ rules found/);
  });
});

/** What promtool prints; it throws what it complains of. */
async function promtoolSays(args: readonly string[], input: string): Promise<string> {
  const asked = promisify(execFile)('promtool', [...args]);
  asked.child.stdin?.end(input);
  const { stdout, stderr } = await asked;
  return stdout.trim() === '' ? stderr.trim() : stdout;
}
