import { figureOf, type Benchmark, type BenchReport } from '../benchmark.js';
import { commandMix, OrderFlow } from '../order-flow.js';
import { defineFlow, sendBatches } from './batch-sender.js';

const runs = 5;
const burstCommands = 200_000;
const warmUpCommands = 100_000;
const sustainedSeconds = 10;

export const endToEndBenchmark: Benchmark = {
  name: 'end-to-end',
  question: 'How many orders a second are matched, on disk in the broker and acknowledged?',
  run: async ({ platform, signal, note }): Promise<BenchReport> => {
    const { connection } = await platform();
    const flow = new OrderFlow(201);
    await defineFlow(connection, flow);
    await sendBatches(connection, flow, (commands) => commands >= warmUpCommands, signal);
    const bursts: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const sent = await sendBatches(connection, flow, (commands) => commands >= burstCommands, signal);
      bursts.push(sent.commands / sent.seconds);
      note(`burst ${run + 1}: ${Math.round(sent.commands / sent.seconds)} commands/s, ${sent.busy} times BUSY`);
    }
    const sustained = await sendBatches(connection, flow, (_commands, seconds) => seconds >= sustainedSeconds, signal);
    note(`sustained: ${sustained.busy} times BUSY`);
    return {
      name: 'end-to-end',
      question: endToEndBenchmark.question,
      boundary:
        'one client over NATS request/reply, at most 8 batches under way, to the orders process, engine, local journal, JetStream (sync_interval always), until the client has the DURABLE answer; client, broker, orders process and read models share the machine',
      commandMix,
      warmUp: `${warmUpCommands} commands`,
      figures: [
        figureOf(`bursts of ${burstCommands} commands`, 'commands/s', bursts, {
          text: '1 M/s in bursts',
          value: 1_000_000,
          better: 'more',
        }),
        figureOf(`sustained for ${sustainedSeconds} s, read models following`, 'commands/s', [sustained.commands / sustained.seconds]),
      ],
    };
  },
};
