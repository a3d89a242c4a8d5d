import { Agent, request } from 'node:http';
import { encodeCommands } from '../../contracts/commands/order-commands.js';
import { AckLevel } from '../../contracts/tape/codes.generated.js';
import { NatsCommandPort } from '../../services/platform/commands/nats-command-port.js';
import { figureOf, type BenchEnvironment, type Benchmark, type BenchPlatform, type BenchReport, type Figure } from '../benchmark.js';
import { defineFlow } from '../end-to-end/batch-sender.js';
import { OrderFlow } from '../order-flow.js';
import { openLoop, type Latencies } from './open-loop.js';

const runs = 3;
const seconds = 4;
const natsPerSecond = 200;
const graphqlPerSecond = 50;

const overNats = (platform: BenchPlatform, flow: OrderFlow, ackLevel: AckLevel, signal: AbortSignal): Promise<Latencies> => {
  const port = new NatsCommandPort(platform.connection);
  const { records } = encodeCommands([flow.restingOrder()]);
  return openLoop({ perSecond: natsPerSecond, seconds, signal }, async () => (await port.sendRecords(records, 1, { ackLevel })).ok);
};

const mutation = `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { position } }`;

const overGraphql = async (platform: BenchPlatform, ackLevel: 'ENGINE' | 'DURABLE', signal: AbortSignal): Promise<Latencies> => {
  const account = platform.demoAccounts[0];
  if (account === undefined) return { p50Ms: 0, p99Ms: 0, failures: 1 };
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const url = new URL(platform.graphqlUrl);
  const input = {
    accountId: account.id,
    symbol: 'NOVA',
    side: 'BUY',
    orderType: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '1',
    price: '150.00',
    ackLevel,
  };
  const body = JSON.stringify({ query: mutation, variables: { input } });
  const post = (): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const outgoing = request(
      url,
      {
        method: 'POST',
        agent,
        timeout: 10_000,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${account.token}`,
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(response.statusCode === 200 && !text.includes('"errors"')));
        response.on('error', () => resolve(false));
      },
    );
    outgoing.on('error', () => resolve(false));
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.end(body);
    return promise;
  };
  try {
    return await openLoop({ perSecond: graphqlPerSecond, seconds, signal }, post);
  } finally {
    agent.destroy();
  }
};

const figuresOf = (name: string, latencies: readonly Latencies[], target: Figure['target']): readonly Figure[] => {
  const failures = latencies.reduce((sum, one) => sum + one.failures, 0);
  const label = failures === 0 ? name : `${name} (${failures} FAILED)`;
  return [
    figureOf(
      `${label}, p50`,
      'ms',
      latencies.map((one) => one.p50Ms),
      target,
    ),
    figureOf(
      `${label}, p99`,
      'ms',
      latencies.map((one) => one.p99Ms),
    ),
  ];
};

const engineTarget: Figure['target'] = { text: 'p50 < 1 ms', value: 1, better: 'less' };
/** One fsync takes 0.2 to 0.3 ms on the machine of the design. */
const durableTarget: Figure['target'] = { text: 'p50 < 1 ms plus one fsync (0.3 ms)', value: 1.3, better: 'less' };

const measure = async (environment: BenchEnvironment): Promise<readonly Figure[]> => {
  const platform = await environment.platform();
  const flow = new OrderFlow(202);
  await defineFlow(platform.connection, flow);
  await overNats(platform, flow, AckLevel.Durable, environment.signal); // warm-up, not counted
  await overGraphql(platform, 'DURABLE', environment.signal);
  const repeat = async (one: () => Promise<Latencies>): Promise<readonly Latencies[]> => {
    const results: Latencies[] = [];
    for (let run = 0; run < runs; run += 1) results.push(await one());
    return results;
  };
  return [
    ...figuresOf('over NATS, ENGINE', await repeat(() => overNats(platform, flow, AckLevel.Engine, environment.signal)), engineTarget),
    ...figuresOf('over NATS, DURABLE', await repeat(() => overNats(platform, flow, AckLevel.Durable, environment.signal)), durableTarget),
    ...figuresOf('over GraphQL, ENGINE', await repeat(() => overGraphql(platform, 'ENGINE', environment.signal)), engineTarget),
    ...figuresOf('over GraphQL, DURABLE', await repeat(() => overGraphql(platform, 'DURABLE', environment.signal)), durableTarget),
  ];
};

export const orderAckBenchmark: Benchmark = {
  name: 'order-ack',
  question: 'How long until a single order is acknowledged?',
  run: async (environment): Promise<BenchReport> => ({
    name: 'order-ack',
    question: orderAckBenchmark.question,
    boundary: `planned send time to answer in the client, open loop: ${natsPerSecond}/s over the command subject, ${graphqlPerSecond}/s over HTTP and GraphQL (authentication, validation, NATS and engine included); all processes on one machine`,
    commandMix: 'one resting limit order a request',
    warmUp: `one run of ${seconds} s`,
    figures: await measure(environment),
  }),
};
