import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type DefaultTheme } from 'vitepress';

const pages = fileURLToPath(new URL('../.pages', import.meta.url));

/** The anchors that GitHub makes of headings, so that links between documents hold in both places. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

function page(text: string, link: string): DefaultTheme.SidebarItem {
  return { text, link: `/${link}` };
}

function files(folder: string): string[] {
  const path = join(pages, folder);
  return existsSync(path)
    ? readdirSync(path).filter((name) => name.endsWith('.md') && name !== 'index.md')
    : [];
}

function kind(entry: string, folder: string, text: string): DefaultTheme.SidebarItem[] {
  const items = files(`api/${entry}/${folder}`)
    .map((name) => name.slice(0, -3))
    .map((name) => page(name, `api/${entry}/${folder}/${name}`));
  return items.length > 0 ? [{ text, items, collapsed: true }] : [];
}

/** What an entry of the package exports, by kinds. */
function entryItem(name: string): DefaultTheme.SidebarItem {
  return {
    text: name === 'connman' ? name : `connman/${name}`,
    link: `/api/${name}/`,
    items: [
      ...kind(name, 'functions', 'Functions'),
      ...kind(name, 'classes', 'Classes'),
      ...kind(name, 'interfaces', 'Interfaces'),
      ...kind(name, 'type-aliases', 'Types'),
      ...kind(name, 'variables', 'Values'),
    ],
  };
}

const entries = readdirSync(join(pages, 'api'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: 'Begin',
    items: [
      page('connman', ''),
      page('Getting started', 'docs/guides/getting-started'),
      page('Concepts', 'docs/guides/concepts'),
      page('Whole programs', 'docs/guides/recipes'),
      page('Migrating', 'docs/guides/migrating'),
    ],
  },
  {
    text: 'Guides',
    items: [
      page('Connections', 'docs/connections'),
      page('Requests and answers', 'docs/requests'),
      page('Logins and fatal errors', 'docs/logins'),
      page('TLS and proxies', 'docs/tls'),
      page('Pools, leases, discovery', 'docs/pools'),
      page('Graceful stop', 'docs/guides/graceful-stop'),
      page('Running in Kubernetes', 'docs/guides/kubernetes'),
      page('Scaling', 'docs/scaling'),
      page('Testing your code', 'docs/testing'),
      page('Monitoring', 'docs/guides/monitoring'),
      page('Tuning', 'docs/guides/tuning'),
      page('Protocol clients', 'docs/clients'),
      page('Protocol clients, measured', 'docs/guides/clients-measured'),
    ],
  },
  { text: 'Help', items: [page('Troubleshooting', 'docs/troubleshooting')] },
  {
    text: 'Reference',
    items: [
      page('Options', 'docs/options'),
      page('Telemetry', 'docs/telemetry'),
      page('The monitor page', 'docs/monitoring'),
      page('The command', 'docs/command'),
      page('Benchmarks', 'docs/benchmarks'),
      page('Examples', 'examples/'),
      page('Changelog', 'CHANGELOG'),
      { text: 'API', link: '/api/', collapsed: true, items: entries.map((name) => entryItem(name)) },
    ],
  },
  {
    text: 'Inside',
    items: [
      page('Architecture', 'docs/architecture'),
      ...files('docs/decisions').map((name) =>
        page(`Decision ${Number(name.slice(0, 4))}`, `docs/decisions/${name.slice(0, -3)}`),
      ),
      page('Contributing', 'CONTRIBUTING'),
    ],
  },
];

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1 8h4m6 0h4" stroke="#2da44e" stroke-width="4"/><circle cx="8" cy="8" r="3" fill="#8250df"/></svg>';

// oxlint-disable-next-line import/no-default-export -- VitePress reads it
export default defineConfig({
  title: 'connman',
  description: 'Network connections that stay, for Node.js',
  srcDir: '.pages',
  outDir: 'dist',
  // Works below any address.
  base: process.env['CONNMAN_SITE_BASE'] ?? '/',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  markdown: {
    anchor: { slugify: anchorOf },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark' },
  },
  themeConfig: {
    nav: [
      page('Guide', 'docs/guides/getting-started'),
      page('Troubleshooting', 'docs/troubleshooting'),
      page('API', 'api/'),
    ] as DefaultTheme.NavItem[],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
  },
});
