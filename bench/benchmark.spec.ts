import { expect, test } from 'vitest';
import { figureOf, isMet, percentile } from './benchmark.js';
import { benchmarks } from './benchmarks.js';
import { openLoop } from './order-ack/open-loop.js';

test('a figure is the spread of its runs, and its median is what meets a target', () => {
  const target = { text: '10/s', value: 10, better: 'more' } as const;
  expect(figureOf('rate', '1/s', [12, 9, 11], target)).toMatchObject({ min: 9, median: 11, max: 12, runs: 3 });
  expect(isMet(figureOf('rate', '1/s', [12, 9, 11], target))).toBe(true);
  expect(isMet(figureOf('rate', '1/s', [8, 9, 11], target))).toBe(false);
  expect(isMet(figureOf('latency', 'ms', [8, 9, 11], { ...target, better: 'less' }))).toBe(true);
  expect(isMet(figureOf('rate', '1/s', [1]))).toBeNull();
});

test('percentiles are values that were measured', () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([percentile(sorted, 0.5), percentile(sorted, 0.99), percentile(sorted, 1)]).toEqual([51, 100, 100]);
});

test('an open loop counts a stall in every request that it delayed', async () => {
  let stalled: Promise<void> | null = null;
  const latencies = await openLoop({ perSecond: 200, seconds: 1, signal: AbortSignal.timeout(20_000) }, async (index) => {
    if (index === 20) stalled = new Promise((resolve) => setTimeout(resolve, 300));
    await stalled;
    return true;
  });
  expect(latencies.failures).toBe(0);
  // 300 ms at 200/s hold up 60 of 200 requests: a closed loop would show one.
  expect(latencies.p99Ms).toBeGreaterThan(200);
});

test('every benchmark has a name of its own', () => {
  expect(new Set(benchmarks.map(({ name }) => name)).size).toBe(benchmarks.length);
});
