/** Waits, or returns at once when the signal aborts or has aborted already. */
export const pause = (delayMs: number, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', done);
    resolve();
  };
  const timer = setTimeout(done, delayMs);
  signal.addEventListener('abort', done, { once: true });
  return promise;
};
