import { figureOf, type Benchmark, type BenchEnvironment, type BenchReport } from '../benchmark.js';
import { commandMix, OrderFlow } from '../order-flow.js';
import { batchesInFlight, defineFlow, sendBatches } from './batch-sender.js';

const runs = 7;
const burstCommands = 500_000;
const warmUpCommands = 500_000;
const sustainedSeconds = 60;

/** Commands a second of each burst, with nothing beside the path that an order takes. */
const measureBursts = ({ withOrdersAlone, signal, note }: BenchEnvironment): Promise<readonly number[]> =>
  withOrdersAlone(async ({ connection }) => {
    const flow = new OrderFlow(201);
    await defineFlow(connection, flow);
    await sendBatches(connection, flow, (commands) => commands >= warmUpCommands, signal);
    const rates: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const sent = await sendBatches(connection, flow, (commands) => commands >= burstCommands, signal);
      rates.push(sent.commands / sent.seconds);
      note(`burst ${run + 1}: ${Math.round(sent.commands / sent.seconds)} commands/s, ${sent.busy} times BUSY`);
    }
    return rates;
  });

const measureSustained = async ({ platform, signal, note }: BenchEnvironment): Promise<number> => {
  const { connection } = await platform();
  const flow = new OrderFlow(202);
  await defineFlow(connection, flow);
  const sent = await sendBatches(connection, flow, (_commands, seconds) => seconds >= sustainedSeconds, signal);
  note(`sustained: ${sent.busy} times BUSY`);
  return sent.commands / sent.seconds;
};

export const endToEndBenchmark: Benchmark = {
  name: 'end-to-end',
  question: 'How many orders a second are matched, on disk in the broker and acknowledged?',
  run: async (environment): Promise<BenchReport> => {
    const bursts = await measureBursts(environment);
    const sustained = await measureSustained(environment);
    return {
      name: 'end-to-end',
      question: endToEndBenchmark.question,
      boundary: `one client over NATS request/reply, ${batchesInFlight} batches under way, to the orders process, engine, local journal, JetStream (sync_interval always), until the client has the DURABLE answer; client, broker and orders process share the machine, in the sustained run with gateway and read models too`,
      commandMix,
      warmUp: `${warmUpCommands} commands`,
      figures: [
        figureOf(`bursts of ${burstCommands} commands, read models off`, 'commands/s', bursts, {
          text: '1 M/s in bursts',
          value: 1_000_000,
          better: 'more',
        }),
        figureOf(`sustained for ${sustainedSeconds} s, gateway and read models on`, 'commands/s', [sustained]),
      ],
    };
  },
};
