import type { NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '../../contracts/result/result.js';
import { AckLevel } from '../../contracts/tape/codes.generated.js';
import { NatsCommandPort } from '../../services/platform/commands/nats-command-port.js';
import type { OrderFlow } from '../order-flow.js';

/** Batches under way at once: enough to keep writer and broker busy, and below what a queue would answer BUSY to. */
export const batchesInFlight = 24;
const busyPauseMs = 2;

export interface SentBatches {
  readonly commands: number;
  readonly seconds: number;
  readonly lastCommandNumber: bigint;
  /** How often a batch was answered BUSY and sent again. */
  readonly busy: number;
}

/** Sends batches until `isEnough`, each counted when it is acknowledged as DURABLE. Batches that are answered BUSY are sent again. */
export const sendBatches = async (
  connection: NatsConnection,
  flow: OrderFlow,
  isEnough: (commands: number, seconds: number) => boolean,
  signal: AbortSignal,
): Promise<SentBatches> => {
  const port = new NatsCommandPort(connection);
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  let commands = 0;
  let acknowledged = 0;
  let busy = 0;
  let lastCommandNumber = 0n;
  const lane = async (): Promise<void> => {
    while (!isEnough(commands, seconds())) {
      signal.throwIfAborted();
      const { records, commandCount } = flow.next();
      commands += commandCount;
      // A copy: the template is written again while this one is under way.
      const copy = records.slice();
      for (;;) {
        const result = await port.sendRecords(copy, commandCount, { ackLevel: AckLevel.Durable, timeoutMs: 30_000 });
        if (result.ok) {
          const { firstCommandNumber, lastCommandNumber: last } = result.value.header;
          flow.sequenced(firstCommandNumber);
          if (last > lastCommandNumber) lastCommandNumber = last;
          acknowledged += commandCount;
          break;
        }
        if (result.problem.code !== 'BUSY') throw new FulltapeError(result.problem.code, result.problem.details);
        busy += 1;
        await new Promise((resolve) => setTimeout(resolve, Number(result.problem.details?.['retryAfterMs'] ?? busyPauseMs)));
      }
    }
  };
  await Promise.all(Array.from({ length: batchesInFlight }, lane));
  return { commands: acknowledged, seconds: seconds(), lastCommandNumber, busy };
};

/** Defines the instrument and the accounts of a flow. */
export const defineFlow = async (connection: NatsConnection, flow: OrderFlow): Promise<void> => {
  const result = await new NatsCommandPort(connection).send(flow.definitions(), { ackLevel: AckLevel.Durable, timeoutMs: 10_000 });
  if (!result.ok) throw new FulltapeError(result.problem.code, result.problem.details);
  const refused = result.value.answers.find((answer) => answer.code !== 0);
  if (refused !== undefined) throw new FulltapeError('INTERNAL', { reason: 'a definition was refused', code: String(refused.code) });
};
