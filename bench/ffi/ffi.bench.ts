import { encodeCommands } from '../../contracts/commands/order-commands.js';
import { AckLevel } from '../../contracts/tape/codes.generated.js';
import { buildCommandBatch } from '../../contracts/tape/message.js';
import { EngineShard } from '../../services/platform/engine/engine-shard.js';
import { figureOf, percentile, type Benchmark, type BenchReport } from '../benchmark.js';
import { commandMix, OrderFlow } from '../order-flow.js';

const runs = 5;
const batchesPerRun = 1_000;
const warmUpBatches = 200;
const singleCalls = 20_000;

const header = (commandCount: number) => ({ ackLevel: AckLevel.Engine, flags: 0, commandCount, deadlineNanos: 0n });

interface Rates {
  readonly wall: number;
  /** For a second of this process's CPU time: what remains comparable when the machine is shared. */
  readonly cpu: number;
}

/** Commands a second of one run. Writing the ids of the cancels is inside; messages are encoded once, as a caller with templates does. */
const timeBatches = (shard: EngineShard, flow: OrderFlow, batches: number): Rates => {
  let commands = 0;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (let index = 0; index < batches; index += 1) {
    const { message, commandCount } = flow.nextMessage();
    const first = shard.nextCommandNumber;
    shard.enqueue(message);
    shard.execute(1n, { timesSupplied: false });
    flow.sequenced(first);
    commands += commandCount;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall: commands / seconds, cpu: commands / ((user + system) / 1e6) };
};

const timeSingleCalls = (shard: EngineShard, flow: OrderFlow): readonly number[] => {
  const { records } = encodeCommands([flow.restingOrder()]);
  const message = buildCommandBatch(header(1), records);
  const nanos: number[] = [];
  for (let index = 0; index < singleCalls; index += 1) {
    const startedAt = process.hrtime.bigint();
    shard.enqueue(message);
    shard.execute(1n, { timesSupplied: false });
    nanos.push(Number(process.hrtime.bigint() - startedAt));
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
      shard.execute(1n, { timesSupplied: false });
      timeBatches(shard, flow, warmUpBatches);
      const rates: Rates[] = [];
      for (let run = 0; run < runs; run += 1) {
        signal.throwIfAborted();
        rates.push(timeBatches(shard, flow, batchesPerRun));
        await Promise.resolve();
      }
      const single = timeSingleCalls(shard, flow);
      return {
        name: 'ffi',
        question: ffiBenchmark.question,
        boundary:
          'one process, one thread: CommandBatch messages in TypeScript to commits (hash chain included) and answers copied back to TypeScript; no journal, no broker',
        commandMix,
        warmUp: `${warmUpBatches} batches`,
        figures: [
          figureOf(
            'batches of 1,000',
            'commands/s',
            rates.map(({ wall }) => wall),
            { text: '10 M/s', value: 10_000_000, better: 'more' },
          ),
          figureOf(
            'batches of 1,000, for a second of CPU time',
            'commands/s',
            rates.map(({ cpu }) => cpu),
          ),
          figureOf('one order a call (enqueue + execute), p50', 'ns', [percentile(single, 0.5)]),
          figureOf('one order a call (enqueue + execute), p99', 'ns', [percentile(single, 0.99)]),
        ],
      };
    } finally {
      shard.close();
    }
  },
};
