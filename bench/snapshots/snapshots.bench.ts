import { join } from 'node:path';
import { z } from 'zod';
import { figureOf, type BenchEnvironment, type Benchmark, type BenchReport } from '../benchmark.js';
import { runProgram } from '../run-program.js';

const spread = z.looseObject({ p50: z.number(), p99: z.number(), max: z.number() });

/** What the Rust example prints. */
const outputSchema = z.looseObject({
  slice: z.number(),
  state: z.looseObject({
    openOrders: z.number(),
    bytes: z.number(),
    pauseMicros: z.object({ begin: spread, slice: spread, section: spread }),
    restore: z.object({ milliseconds: z.number(), ordersPerSecond: z.number(), stepMicros: spread }),
  }),
  throughput: z.looseObject({ alone: z.number(), besideSnapshots: z.number(), openOrders: z.number() }),
  recovery: z.looseObject({
    commands: z.number(),
    commitsApplied: z.number(),
    restoreSeconds: z.number(),
    seconds: z.number(),
    secondsFromBeginning: z.number(),
  }),
});
type SnapshotOutput = z.output<typeof outputSchema>;

const runExample = async ({ rootDir, signal }: BenchEnvironment): Promise<SnapshotOutput> => {
  const manifest = join(rootDir, 'native', 'Cargo.toml');
  const build = ['run', '--quiet', '--release', '--manifest-path', manifest, '-p', 'fulltape-sim', '--example', 'snapshot_bench'];
  const output = await runProgram('cargo', [...build, '--', '--json'], signal);
  return outputSchema.parse(JSON.parse(output));
};

const reportOf = ({ slice, state, throughput, recovery }: SnapshotOutput): BenchReport => {
  const { begin, slice: slices, section } = state.pauseMicros;
  return {
    name: 'snapshots',
    question: snapshotsBenchmark.question,
    boundary:
      `Rust alone, one thread. Pauses: each call between groups of 256 commands, ${state.openOrders} open orders, ${state.bytes} bytes, slices of ` +
      `${slice} entities. Throughput: a snapshot always running, a slice and a section behind each group, ${throughput.openOrders} open orders. Recovery: ` +
      `${recovery.commands} commands, the snapshot half way, ${recovery.commitsApplied} commits behind it applied from a file; without the broker`,
    commandMix: 'limit orders around a touch, as many cancels once the book is full, some trades',
    warmUp: 'the book is filled first',
    figures: [
      figureOf('begin, p50', 'µs', [begin.p50]),
      figureOf('begin, longest', 'µs', [begin.max]),
      figureOf('slice, p50', 'µs', [slices.p50]),
      figureOf('slice, p99', 'µs', [slices.p99]),
      figureOf('section handed out, p99', 'µs', [section.p99]),
      figureOf('commands without snapshots', 'commands/s', [throughput.alone]),
      figureOf('commands beside snapshots', 'commands/s', [throughput.besideSnapshots]),
      figureOf('restore', 'orders/s', [state.restore.ordersPerSecond]),
      figureOf('restore, longest step of 50,000 orders', 'ms', [state.restore.stepMicros.max / 1_000]),
      figureOf('recovery from snapshot and tape', 's', [recovery.seconds], { text: '30 s for 10 M commands', value: 30, better: 'less' }),
      figureOf('recovery from the beginning of the tape', 's', [recovery.secondsFromBeginning]),
    ],
  };
};

export const snapshotsBenchmark: Benchmark = {
  name: 'snapshots',
  question: 'What does a snapshot cost the writer, and how long does a recovery take?',
  run: async (environment): Promise<BenchReport> => reportOf(await runExample(environment)),
};
