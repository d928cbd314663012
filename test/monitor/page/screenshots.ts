// Keeps the pictures of the page for the documents: `npm run screenshots`, after a build. Takes a minute and a half, and needs
// Chromium.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { defaultManager } from 'connman';
import { startMonitor } from 'connman/monitor';
import { openTab, startChromium } from './chromium.js';
import type { ConnectionManager } from '../../../src/index.js';
import { Night } from '../night.js';

const folder = join(__dirname, '..', '..', '..', 'docs', 'images');

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_000 * seconds));
}

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  // That of the package, which has the page, and not that of the sources.
  const night = new Night(defaultManager as unknown as ConnectionManager);
  await night.start();
  const monitor = await startMonitor();
  const browser = await startChromium();
  const { page } = await openTab(browser, 1_100, 760);
  await page.goto(monitor.url ?? '');
  await wait(25);
  await night.goWrong();
  await wait(60);
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await wait(2);
    await page.screenshot({ path: join(folder, `monitor-${scheme}.png`) as `${string}.png` });
  }
  await browser.close();
  await night.end();
  await monitor.close();
}

void main();
