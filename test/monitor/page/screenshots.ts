// Keeps pictures of the page in docs/pictures/, from a real run, in both schemes: a part of `npm run docs:record`. Takes a minute
// and a half, and needs Chromium and a build.
import { join } from 'node:path';
import { defaultManager } from 'connman';
import { startMonitor } from 'connman/monitor';
import { openTab, startChromium } from './chromium.js';
import type { ConnectionManager } from '../../../src/index.js';
import { Night } from '../night.js';

const folder = join(__dirname, '..', '..', '..', 'docs', 'pictures');
const width = 1_100;

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1_000 * seconds));
}

async function main(): Promise<void> {
  // The manager of the package, which has the page, and not that of the sources.
  const night = new Night(defaultManager as unknown as ConnectionManager);
  await night.start();
  const monitor = await startMonitor();
  const browser = await startChromium();
  const { page } = await openTab(browser, width, 760);
  await page.goto(monitor.url ?? '');
  await wait(25);
  await night.goWrong();
  await wait(60);
  // Down to the numbers, without the log. What a browser has not shown yet is not drawn.
  const { y = 0, height = 0 } = (await (await page.$('#facts'))?.boundingBox()) ?? {};
  await page.setViewport({ width, height: Math.ceil(y + height) + 20 });
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    // All is drawn again when the next news comes.
    await wait(2);
    const path = join(folder, `monitor-${scheme}.png`) as `${string}.png`;
    await page.screenshot({ path, captureBeyondViewport: false });
    console.log(`docs/pictures/monitor-${scheme}.png`);
  }
  await browser.close();
  await night.end();
  await monitor.close();
}

void main();
