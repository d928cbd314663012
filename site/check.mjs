// Opens every page of the built site in a headless Chromium, as wide as a small phone: no dead link or anchor, no error on the
// console, nothing wider than the screen, and a search that finds. `npm run docs` before it.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from 'puppeteer-core';

const dist = fileURLToPath(new URL('dist', import.meta.url));
const width = 360;
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** The file that a path of the site stands for. */
function fileOf(path) {
  const file = join(dist, decodeURIComponent(path));
  return existsSync(file) && statSync(file).isDirectory() ? join(file, 'index.html') : file;
}

function serve() {
  const server = createServer(({ url = '/' }, response) => {
    const file = fileOf(new URL(url, 'http://site').pathname);
    const found = existsSync(file);
    response.writeHead(found ? 200 : 404, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
    });
    response.end(found ? readFileSync(file) : '');
  });
  return once(server.listen(0, '127.0.0.1'), 'listening').then(() => server);
}

const ids = new Map();

/** Whether there is such a page, with such an anchor. */
function leadsSomewhere(link) {
  const { pathname, hash } = new URL(link);
  const file = fileOf(pathname);
  if (!existsSync(file)) return false;
  if (!ids.has(file)) {
    const html = readFileSync(file, 'utf8');
    ids.set(file, new Set([...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)));
  }
  return hash.length < 2 || ids.get(file).has(decodeURIComponent(hash.slice(1)));
}

/** What is wrong with a page. */
async function faultsOf(page, address) {
  const faults = [];
  const note = (text) => faults.push(text);
  const onConsole = (message) =>
    message.type() === 'error' && note(`console: ${message.text()} ${message.location().url ?? ''}`);
  const onError = (error) => note(`error: ${error.message}`);
  const onFailed = (request) => note(`not loaded: ${request.url()}`);
  page.on('console', onConsole).on('pageerror', onError).on('requestfailed', onFailed);
  await page.goto(address, { waitUntil: 'load' });
  const seen = await page.evaluate(() => ({
    links: [...document.querySelectorAll('main a[href]')].map(({ href }) => href),
    width: document.documentElement.scrollWidth,
    size: Math.min(
      16,
      ...[...document.querySelectorAll('main p')].map((each) => parseFloat(getComputedStyle(each).fontSize)),
    ),
  }));
  page.off('console', onConsole).off('pageerror', onError).off('requestfailed', onFailed);
  if (seen.width > width) note(`${seen.width} px wide`);
  if (seen.size < 13) note(`text of ${seen.size} px`);
  const { origin } = new URL(address);
  const own = seen.links.filter((link) => link.startsWith(`${origin}/`));
  for (const link of new Set(own)) if (!leadsSomewhere(link)) note(`dead link: ${link.slice(origin.length)}`);
  return faults;
}

/** What is wrong with the search. */
async function searchFaults(page, origin) {
  await page.goto(origin, { waitUntil: 'networkidle0' });
  await page.click('.VPNavBarSearch button');
  const box = await page.waitForSelector('.VPLocalSearchBox input');
  await box.type('stableAfter');
  const found = await page
    .waitForSelector('.VPLocalSearchBox .result', { timeout: 10_000 })
    .catch(() => undefined);
  return found ? [] : ['the search finds nothing'];
}

const server = await serve();
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
const pages = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /(?<!404)\.html$/.test(name),
);
let wrong = 0;
try {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 740, isMobile: true, hasTouch: true });
  for (const name of pages) {
    const faults = await faultsOf(page, `${origin}/${name}`);
    wrong += faults.length;
    for (const fault of faults) console.error(`${name}: ${fault}`);
  }
  for (const fault of await searchFaults(page, origin)) {
    wrong += 1;
    console.error(fault);
  }
} finally {
  await browser.close();
  server.close();
}
console.log(`${pages.length} pages, ${wrong} faults`);
if (wrong > 0) process.exitCode = 1;
