import { launch, type Browser, type Page } from 'puppeteer-core';

/** A page of a real browser, and what it complained about. */
export interface Tab {
  readonly page: Page;
  /** Errors of scripts, warnings, and what the policy of the page refused. */
  readonly complaints: readonly string[];
}

/** What the tests of a browser need to be installed. */
export const chromium = { command: 'chromium', package: 'chromium' };

/** Starts the Chromium of this machine, without a window. */
export function startChromium(): Promise<Browser> {
  // The tests of a container run as root, for whom Chromium has no sandbox.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-extensions', '--no-first-run'];
  return launch({ executablePath: `/usr/bin/${chromium.command}`, headless: true, args });
}

/** Opens a new tab, which writes down its complaints. */
export async function openTab(browser: Browser, width = 1_200, height = 900): Promise<Tab> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  await page.setViewport({ width, height });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} was not loaded`));
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective }) =>
      console.error(`refused by the policy: ${violatedDirective}`),
    );
  });
  return { page, complaints };
}
