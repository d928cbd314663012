import type { Findings } from './findings.js';

/** Whatever goes wrong on a turn of its own belongs to the run during which it does. */
export function watchProcess(findings: Findings): () => void {
  const failed = (error: unknown): void => {
    // What writes too early is warned, once in a process; so is who has no onClose.
    const { code } = Object(error) as { code?: unknown };
    if (code === 'CONNMAN_NOT_READY' || code === 'CONNMAN_GAVE_UP') return;
    findings.add(error instanceof Error ? `${error.stack}` : String(error));
  };
  const kinds = ['uncaughtException', 'unhandledRejection', 'warning'] as const;
  for (const kind of kinds) process.on(kind, failed);
  return () => {
    for (const kind of kinds) process.off(kind, failed);
  };
}

const watched = new Set(['TCPSocketWrap', 'TCPServerWrap', 'TCPConnectWrap', 'PipeWrap', 'Timeout']);

/** How many sockets, servers and timers keep the process busy. */
export function openHandles(): number {
  return process.getActiveResourcesInfo().filter((kind) => watched.has(kind)).length;
}
