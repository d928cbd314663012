/** Resolves after `duration` milliseconds; rejects with the signal's reason when that is aborted before. */
export function pause(duration: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, duration);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
