import { percentile } from '../benchmark.js';

export interface Latencies {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

/**
 * Sends at a fixed rate whether or not answers have come, and counts each from its planned time: a stall shows in every request that it
 * delayed, not in one.
 */
export const openLoop = async (
  options: { readonly perSecond: number; readonly seconds: number; readonly signal: AbortSignal },
  send: (index: number) => Promise<boolean>,
): Promise<Latencies> => {
  const total = options.perSecond * options.seconds;
  const gapMs = 1_000 / options.perSecond;
  const latenciesMs: number[] = [];
  let failures = 0;
  const startedAt = performance.now() + gapMs;
  const pending: Promise<void>[] = [];
  for (let index = 0; index < total; index += 1) {
    const plannedAt = startedAt + index * gapMs;
    options.signal.throwIfAborted();
    const waitMs = plannedAt - performance.now();
    if (waitMs > 1.5) await new Promise((resolve) => setTimeout(resolve, waitMs - 1));
    // Timers have whole milliseconds; the rest is spun, yielding to answers in between.
    while (performance.now() < plannedAt) await new Promise((resolve) => setImmediate(resolve));
    pending.push(
      send(index).then((isGood) => {
        if (isGood) latenciesMs.push(performance.now() - plannedAt);
        else failures += 1;
      }),
    );
  }
  await Promise.all(pending);
  latenciesMs.sort((a, b) => a - b);
  return { p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99), failures };
};
