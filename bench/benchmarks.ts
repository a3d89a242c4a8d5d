import type { Benchmark } from './benchmark.js';
import { endToEndBenchmark } from './end-to-end/end-to-end.bench.js';
import { engineBenchmark } from './engine/engine.bench.js';
import { ffiBenchmark } from './ffi/ffi.bench.js';
import { orderAckBenchmark } from './order-ack/order-ack.bench.js';
import { projectionsBenchmark } from './projections/projections.bench.js';
import { snapshotsBenchmark } from './snapshots/snapshots.bench.js';

/** Every question, in the order in which they are run. */
export const benchmarks: readonly Benchmark[] = [
  engineBenchmark,
  snapshotsBenchmark,
  ffiBenchmark,
  orderAckBenchmark,
  endToEndBenchmark,
  projectionsBenchmark,
];
