import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeCommands } from '../../contracts/commands/order-commands.js';
import { AckLevel } from '../../contracts/tape/codes.generated.js';
import { buildCommandBatch } from '../../contracts/tape/message.js';
import { EngineShard } from '../../services/platform/engine/engine-shard.js';
import type { LentStep } from '../../services/platform/engine/output-pool.js';
import { figureOf, percentile, type Benchmark, type BenchReport, type Figure } from '../benchmark.js';
import { commandMix, OrderFlow } from '../order-flow.js';
import { timeCalls } from './call-latency.js';

const runs = 5;
const batchesPerRun = 2_000;
const warmUpBatches = 200;
/** Groups whose output is still being read while the next ones are executed, as commits are on their way to the broker. */
const groupsUnderWay = 8;
const batchesPerTrim = 256;
const callSizes = [1, 10, 100] as const;
const calls = 20_000;

const header = (commandCount: number) => ({ ackLevel: AckLevel.Engine, flags: 0, commandCount, deadlineNanos: 0n });
const options = { timesSupplied: false } as const;

interface Rates {
  readonly wall: number;
  /** For a second of this process's CPU time: what remains comparable when the machine is shared. */
  readonly cpu: number;
}

/** A shard with its stream of batches, and what is done with one of them. */
interface Way {
  readonly shard: EngineShard;
  readonly flow: OrderFlow;
  readonly step: (message: Uint8Array) => void;
}

/** Commands a second of one run. Writing the ids of the cancels is inside; messages are encoded once, as a caller with templates does. */
const timeBatches = ({ shard, flow, step }: Way, batches: number): Rates => {
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
const lendingStep = (shard: EngineShard): Way['step'] => {
  const underWay: LentStep[] = [];
  return (message) => {
    underWay.push(shard.submitLent(message, 1n, options));
    if (underWay.length > groupsUnderWay) underWay.shift()?.release();
  };
};

/** As `lendingStep`; the journal lets go of what the broker would have, as the writer does now and then. */
const journaledStep = (shard: EngineShard): Way['step'] => {
  const step = lendingStep(shard);
  let batches = 0;
  return (message) => {
    step(message);
    batches += 1;
    if (batches % batchesPerTrim !== 0) return;
    shard.journalAcknowledge(shard.headCommitNumber);
    shard.journalTrim(shard.headCommitNumber);
  };
};

/** Two calls a batch; the output is copied to fresh memory. */
const copyingStep =
  (shard: EngineShard): Way['step'] =>
  (message) => {
    shard.enqueue(message);
    shard.execute(1n, options);
  };

const openShard = (flow: OrderFlow, journalDir?: string): EngineShard => {
  const shard = EngineShard.open(journalDir === undefined ? { shard: 0 } : { shard: 0, journalDir });
  const { records, commandCount } = encodeCommands(flow.definitions());
  shard.enqueue(buildCommandBatch(header(commandCount), records));
  shard.execute(1n, options);
  return shard;
};

/** The ways take turns, so that what else runs on the machine meets all of them. */
const timeWays = async (signal: AbortSignal, ways: readonly Way[]): Promise<readonly (readonly Rates[])[]> => {
  for (const way of ways) timeBatches(way, warmUpBatches);
  const rates: Rates[][] = ways.map(() => []);
  for (let run = 0; run < runs; run += 1) {
    for (const [index, way] of ways.entries()) {
      signal.throwIfAborted();
      rates[index]?.push(timeBatches(way, batchesPerRun));
      await Promise.resolve();
    }
  }
  return rates;
};

const callFigures = (shard: EngineShard, flow: OrderFlow, orders: number, extra = ''): readonly Figure[] => {
  const nanos = timeCalls(shard, flow.restingOrder(), flow.cancelOfAnOrder(), orders, calls / orders);
  const name = `${orders === 1 ? 'one order' : `${orders} orders`} a call${extra}`;
  return [figureOf(`${name}, p50`, 'ns', [percentile(nanos, 0.5)]), figureOf(`${name}, p99`, 'ns', [percentile(nanos, 0.99)])];
};

const wallOf = (rates: readonly Rates[] = []): readonly number[] => rates.map(({ wall }) => wall);
const cpuOf = (rates: readonly Rates[] = []): readonly number[] => rates.map(({ cpu }) => cpu);

export const ffiBenchmark: Benchmark = {
  name: 'ffi',
  question: 'How many commands a second does the engine execute when TypeScript calls it?',
  run: async ({ signal }): Promise<BenchReport> => {
    const folder = mkdtempSync(join(tmpdir(), 'fulltape-bench-ffi-'));
    const flows = { plain: new OrderFlow(100), journaled: new OrderFlow(100) };
    const plain = openShard(flows.plain);
    const journaled = openShard(flows.journaled, join(folder, 'journal'));
    try {
      const [lent, copied, withJournal] = await timeWays(signal, [
        { shard: plain, flow: flows.plain, step: lendingStep(plain) },
        { shard: plain, flow: flows.plain, step: copyingStep(plain) },
        { shard: journaled, flow: flows.journaled, step: journaledStep(journaled) },
      ]);
      return {
        name: 'ffi',
        question: ffiBenchmark.question,
        boundary: `one process, one thread: CommandBatch messages in TypeScript to commits (hash chain included) and answers in TypeScript's memory, ${groupsUnderWay} groups of it in use at a time; no journal but where it is named, no broker`,
        commandMix,
        warmUp: `${warmUpBatches} batches each way`,
        figures: [
          figureOf('batches of 1,000', 'commands/s', wallOf(lent), { text: '10 M/s', value: 10_000_000, better: 'more' }),
          figureOf('batches of 1,000, for a second of CPU time', 'commands/s', cpuOf(lent)),
          figureOf('batches of 1,000, journal, for a second of CPU time', 'commands/s', cpuOf(withJournal)),
          figureOf('batches of 1,000, output copied to fresh memory, for a second of CPU time', 'commands/s', cpuOf(copied)),
          ...callSizes.flatMap((orders) => callFigures(plain, flows.plain, orders)),
          ...callFigures(journaled, flows.journaled, 1, ', journal'),
        ],
      };
    } finally {
      plain.close();
      journaled.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
