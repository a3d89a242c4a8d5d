import { encodeCommands } from '../../contracts/commands/order-commands.js';
import { AckLevel } from '../../contracts/tape/codes.generated.js';
import { buildCommandBatch } from '../../contracts/tape/message.js';
import { EngineShard } from '../../services/platform/engine/engine-shard.js';
import type { LentStep } from '../../services/platform/engine/output-pool.js';
import { figureOf, percentile, type Benchmark, type BenchReport } from '../benchmark.js';
import { commandMix, OrderFlow } from '../order-flow.js';

const runs = 5;
const batchesPerRun = 1_000;
const warmUpBatches = 200;
/** Groups whose output is still being read while the next ones are executed, as commits are on their way to the broker. */
const groupsUnderWay = 8;
const singleCalls = 20_000;

const header = (commandCount: number) => ({ ackLevel: AckLevel.Engine, flags: 0, commandCount, deadlineNanos: 0n });

interface Rates {
  readonly wall: number;
  /** For a second of this process's CPU time: what remains comparable when the machine is shared. */
  readonly cpu: number;
}

const options = { timesSupplied: false } as const;

/** Commands a second of one run. Writing the ids of the cancels is inside; messages are encoded once, as a caller with templates does. */
const timeBatches = (shard: EngineShard, flow: OrderFlow, batches: number, step: (message: Uint8Array) => void): Rates => {
  let commands = 0;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (let index = 0; index < batches; index += 1) {
    const { message, commandCount } = flow.nextMessage();
    const first = shard.nextCommandNumber;
    step(message);
    flow.sequenced(first);
    commands += commandCount;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall: commands / seconds, cpu: commands / ((user + system) / 1e6) };
};

/** One call a batch; the output is lent, and given back when the outputs of some more groups are there. */
const lendingStep = (shard: EngineShard): ((message: Uint8Array) => void) => {
  const underWay: LentStep[] = [];
  return (message) => {
    underWay.push(shard.submitLent(message, 1n, options));
    if (underWay.length > groupsUnderWay) underWay.shift()?.release();
  };
};

/** Two calls a batch; the output is copied to fresh memory. */
const copyingStep =
  (shard: EngineShard): ((message: Uint8Array) => void) =>
  (message) => {
    shard.enqueue(message);
    shard.execute(1n, options);
  };

const timeSingleCalls = (shard: EngineShard, flow: OrderFlow): readonly number[] => {
  const { records } = encodeCommands([flow.restingOrder()]);
  const message = buildCommandBatch(header(1), records);
  const nanos: number[] = [];
  for (let index = 0; index < singleCalls; index += 1) {
    const startedAt = process.hrtime.bigint();
    const step = shard.submitLent(message, 1n, options);
    nanos.push(Number(process.hrtime.bigint() - startedAt));
    step.release();
  }
  return nanos.sort((a, b) => a - b);
};

export const ffiBenchmark: Benchmark = {
  name: 'ffi',
  question: 'How many commands a second does the engine execute when TypeScript calls it?',
  run: async ({ signal }): Promise<BenchReport> => {
    const shard = EngineShard.open({ shard: 0 });
    try {
      const flow = new OrderFlow(100);
      const { records, commandCount } = encodeCommands(flow.definitions());
      shard.enqueue(buildCommandBatch(header(commandCount), records));
      shard.execute(1n, options);
      const steps = { lent: lendingStep(shard), copied: copyingStep(shard) };
      timeBatches(shard, flow, warmUpBatches, steps.copied);
      timeBatches(shard, flow, warmUpBatches, steps.lent);
      const rates: Record<keyof typeof steps, Rates[]> = { lent: [], copied: [] };
      for (let run = 0; run < runs; run += 1) {
        // The two take turns, so that what else runs on the machine meets both.
        for (const way of ['lent', 'copied'] as const) {
          signal.throwIfAborted();
          rates[way].push(timeBatches(shard, flow, batchesPerRun, steps[way]));
          await Promise.resolve();
        }
      }
      const single = timeSingleCalls(shard, flow);
      return {
        name: 'ffi',
        question: ffiBenchmark.question,
        boundary: `one process, one thread: CommandBatch messages in TypeScript to commits (hash chain included) and answers in TypeScript's memory, ${groupsUnderWay} groups of it in use at a time; no journal, no broker`,
        commandMix,
        warmUp: `${warmUpBatches} batches each way`,
        figures: [
          figureOf(
            'batches of 1,000',
            'commands/s',
            rates.lent.map(({ wall }) => wall),
            { text: '10 M/s', value: 10_000_000, better: 'more' },
          ),
          figureOf(
            'batches of 1,000, for a second of CPU time',
            'commands/s',
            rates.lent.map(({ cpu }) => cpu),
          ),
          figureOf(
            'batches of 1,000, output copied to fresh memory, for a second of CPU time',
            'commands/s',
            rates.copied.map(({ cpu }) => cpu),
          ),
          figureOf('one order a call, p50', 'ns', [percentile(single, 0.5)]),
          figureOf('one order a call, p99', 'ns', [percentile(single, 0.99)]),
        ],
      };
    } finally {
      shard.close();
    }
  },
};
