/** Polls `condition` until it is true or the deadline passes; the one way to wait for state that has no event. */
export const waitUntil = async (
  condition: () => boolean | Promise<boolean>,
  options: { readonly timeoutMs: number; readonly intervalMs?: number; readonly what: string; readonly signal?: AbortSignal },
): Promise<void> => {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    if (await condition()) return;
    options.signal?.throwIfAborted();
    if (Date.now() >= deadline) throw new Error(`gave up after ${options.timeoutMs} ms waiting for ${options.what}`);
    await new Promise((resolve) => setTimeout(resolve, options.intervalMs ?? 20));
  }
};
