/**
 * Main file of the child process that explains one order and leaves: it opens an engine of its own, so neither its memory nor its time is
 * the gateway's or the writer's. The parent kills it when its time is up; without a parent it leaves by itself.
 */
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';
import { tapeStreamName } from '#contracts/subjects/registry.js';
import { openCommit } from '#contracts/tape/message.js';
import type { FulltapeConfig } from '../config/config.js';
import { loadConfig } from '../config/load-config.js';
import { loadEngineLibrary } from '../engine/engine-library.js';
import { EngineShard } from '../engine/engine-shard.js';
import { connectNats } from '../nats/connect.js';
import { FolderObjectStore } from '../objects/folder-object-store.js';
import { restoreNewest } from '../snapshots/restore-newest.js';
import { SnapshotStore } from '../snapshots/snapshot-store.js';
import { tapeMembership } from '../tape/tape-membership.js';
import { tapeExtent } from '../tape/tape-reader.js';
import { logger, setLogLevel } from '../telemetry/logger.js';
import { explainOrder } from './explain-order.js';
import { explainTaskSchema, type ExplainAnswer, type ExplainTask } from './explain-protocol.js';

/** The writer and the gateway go first. */
const niceness = 10;
const requestTimeoutMs = 5_000;

/** Whether a snapshot stands before the command that placed the order. */
const standsBefore =
  (connection: NatsConnection, { shard, orderId }: ExplainTask) =>
  async ({ commitNumber }: { readonly commitNumber: bigint }): Promise<boolean> => {
    if (commitNumber === 0n) return true;
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: requestTimeoutMs });
    const message = await manager.streams.getMessage(tapeStreamName(shard), { seq: Number(commitNumber) });
    if (message === null) return false;
    const { firstCommandNumber, commandCount } = openCommit(message.data).header;
    return firstCommandNumber + BigInt(commandCount) <= orderId;
  };

const openBefore = async (config: FulltapeConfig, connection: NatsConnection, task: ExplainTask): Promise<EngineShard> => {
  const { shard } = task;
  const { maxOrders, maxAccounts, maxInstruments, library } = config.engine;
  const { engine } = await restoreNewest({
    shard,
    open: () => EngineShard.open({ shard, maxOrders, maxAccounts, maxInstruments }, loadEngineLibrary(library)),
    store: new SnapshotStore(new FolderObjectStore(join(config.dataDir, 'objects')), shard),
    isOnTape: tapeMembership(connection, shard),
    tapeEnd: (await tapeExtent(connection, shard)).lastSequence,
    isWanted: standsBefore(connection, task),
  });
  return engine;
};

const explain = async (task: ExplainTask): Promise<ExplainAnswer> => {
  const config = loadConfig(task.configFile);
  setLogLevel(config.logLevel);
  const connection = await connectNats(config.nats, 'explain');
  try {
    const engine = await openBefore(config, connection, task);
    try {
      const { shard, orderId, untilCommand } = task;
      const { signal } = new AbortController(); // the parent ends the process
      const until = untilCommand === undefined ? {} : { untilCommand };
      return { type: 'explained', explanation: await explainOrder({ connection, shard, engine, orderId, ...until, signal }) };
    } finally {
      engine.close();
    }
  } finally {
    await connection.close();
  }
};

const failure = (error: unknown): ExplainAnswer => {
  if (error instanceof FulltapeError) return { type: 'failed', code: error.code, details: { ...error.details } };
  logger.error({ err: error }, 'explain.failed');
  return { type: 'failed', code: 'INTERNAL', details: {} };
};

try {
  setPriority(niceness);
} catch (error) {
  logger.debug({ err: error }, 'explain.priority-kept');
}
process.once('disconnect', () => process.exit(1));
process.once('message', (message: unknown) => {
  const task = explainTaskSchema.safeParse(message);
  const answer = task.success
    ? explain(task.data).catch(failure)
    : Promise.resolve<ExplainAnswer>({ type: 'failed', code: 'INVALID_ARGUMENT', details: { argument: 'task' } });
  void answer.then((told) => process.send?.(told, () => process.exit(0)));
});
