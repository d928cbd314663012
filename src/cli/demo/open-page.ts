import { spawn } from 'node:child_process';

/** What opens an address in a browser, on each platform. */
const openers: Readonly<Record<string, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', '""'],
};

/** Opens an address in the browser of this machine; calls `failed` where there is none. */
export function openPage(address: string, failed: () => void): void {
  const [program = 'xdg-open', ...args] = openers[process.platform] ?? [];
  spawn(program, [...args, address], { stdio: 'ignore', detached: true })
    .on('error', failed)
    .unref();
}
