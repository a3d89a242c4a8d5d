import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ClickHouseClient } from '@clickhouse/client';
import type { Pool } from 'pg';
import { encodeCommands, type EngineCommand } from '#contracts/commands/order-commands.js';
import { tapeSubject } from '#contracts/subjects/registry.js';
import { AckLevel, BatchFlag } from '#contracts/tape/codes.generated.js';
import { buildCommandBatch } from '#contracts/tape/message.js';
import { clickHouseClient } from '#platform/clickhouse/client.js';
import { EngineShard } from '#platform/engine/engine-shard.js';
import { JetStreamEventStore } from '#platform/event-store/jetstream-event-store.js';
import { connectNats } from '#platform/nats/connect.js';
import { reconcileStreams } from '#platform/nats/streams.js';
import { postgresPool } from '#platform/postgres/pool.js';
import { migrateControlTables } from '#platform/read-side/migrate.js';
import { ReadSide } from '#platform/read-side/index.js';
import { startClickHouse, startNats, startPostgres } from '#platform/testing/servers.js';
import { readModels } from '../read-models/read-models.js';
import type { BatchLimits } from '../runner/batch-reader.js';
import { natsDeadLetters } from '../runner/dead-letters.js';
import { eventSource } from '../runner/event-source.js';
import type { BuildStores } from '../runner/generations.js';
import type { ReadModel } from '../runner/read-model.js';
import { ReadModelRunner } from '../runner/read-model-runner.js';
import type { RunnerServers } from './runner-process.js';
import { rebuildReadModels, type RebuildOptions, type RebuildReport } from '../runner/rebuild.js';
import { tapeSource } from '../runner/tape-source.js';

/** Real servers, the real engine writing a real tape, and runners over them. */
export interface ProjectionWorld {
  readonly connection: NatsConnection;
  readonly pool: Pool;
  readonly clickhouse: ClickHouseClient;
  readonly stores: BuildStores;
  readonly engine: EngineShard;
  readonly events: JetStreamEventStore;
  readonly readSide: ReadSide;
  readonly database: string;
  readonly postgresUrl: string;
  /** Executes the commands `perGroup` at a time and stores the commits on the tape. Returns the number of commits. */
  write(commands: readonly EngineCommand[], perGroup?: number): Promise<number>;
  /** Stores bytes on the tape as they are. */
  writeRaw(bytes: Uint8Array): Promise<void>;
  runner(change?: { readonly limits?: BatchLimits; readonly models?: readonly ReadModel[] }): ReadModelRunner;
  /** Where a runner in a process of its own finds the servers. */
  readonly servers: RunnerServers;
  rebuild(names: readonly string[], change?: Partial<RebuildOptions>): Promise<RebuildReport>;
  /** Whole content of every live table, in an order of its own, as text. */
  dump(): Promise<Readonly<Record<string, readonly string[]>>>;
  close(): Promise<void>;
}

const groupCommandsMax = 200;

export const startProjectionWorld = async (options: { readonly commitBytesMax?: number } = {}): Promise<ProjectionWorld> => {
  const [nats, postgres, clickhouseServer] = await Promise.all([startNats(), startPostgres(), startClickHouse()]);
  const connection = await connectNats(nats.config, 'projections-test');
  await reconcileStreams(connection, { shards: 1, replicas: 1 });
  const pool = postgresPool(postgres.config, 'projections-test');
  const clickhouse = clickHouseClient(clickhouseServer.config, 'projections-test');
  await migrateControlTables(pool, postgres.config.url);
  const engine = EngineShard.open({
    shard: 0,
    maxOrders: 65_536,
    maxAccounts: 256,
    maxInstruments: 64,
    commitBytesMax: options.commitBytesMax ?? 16_384,
  });
  const events = new JetStreamEventStore(connection);
  const { database } = clickhouseServer.config;
  const stores = { pool, clickhouse };
  const sources = { tape: tapeSource(connection, 0), events: eventSource(events) };
  const readSide = ReadSide.open({ postgres: postgres.config, clickhouse: clickhouseServer.config });
  const writeRaw = async (bytes: Uint8Array): Promise<void> => {
    await jetstream(connection).publish(tapeSubject(0), bytes);
  };
  return {
    connection,
    pool,
    clickhouse,
    stores,
    engine,
    events,
    readSide,
    database,
    postgresUrl: postgres.config.url,
    servers: { nats: nats.config, postgres: postgres.config, clickhouse: clickhouseServer.config },
    writeRaw,
    write: async (commands, perGroup = groupCommandsMax) => {
      let commits = 0;
      for (let at = 0; at < commands.length; at += perGroup) {
        const { records, commandCount } = encodeCommands(commands.slice(at, at + perGroup));
        const header = { ackLevel: AckLevel.Durable, flags: BatchFlag.TimeSupplied, commandCount, deadlineNanos: 0n };
        engine.enqueue(buildCommandBatch(header, records));
        const step = engine.execute(0n, { timesSupplied: true });
        for (const commit of step.commits) await writeRaw(commit);
        commits += step.commits.length;
      }
      return commits;
    },
    runner: (change = {}) =>
      new ReadModelRunner({
        stores,
        clickhouseDatabase: database,
        models: change.models ?? readModels,
        ...sources,
        deadLetters: natsDeadLetters(connection),
        ...(change.limits === undefined ? {} : { limits: { postgres: change.limits, clickhouse: change.limits } }),
      }),
    rebuild: (names, change = {}) =>
      rebuildReadModels({
        stores,
        clickhouseDatabase: database,
        models: readModels,
        names,
        ...sources,
        limits: { messagesMax: 64, bytesMax: 1_048_576, spacingMs: 0 },
        signal: new AbortController().signal,
        accept: false,
        ...change,
      }),
    dump: async () => {
      const { live } = await readSide.snapshot();
      const content: Record<string, string[]> = {};
      for (const model of readModels) {
        for (const table of model.tables) {
          const physical = live.models.get(model.name)?.tables[table.name] ?? '';
          if (model.store === 'postgres') {
            const result = await pool.query<{ row: string }>(`SELECT t::text AS row FROM ${physical} t ORDER BY 1`);
            content[table.name] = result.rows.map(({ row }) => row);
          } else {
            const query = table.content?.(physical) ?? `SELECT * FROM ${physical}`;
            const result = await clickhouse.query({
              query: `SELECT toString(tuple(*)) AS row FROM (${query}) ORDER BY 1`,
              format: 'JSONEachRow',
            });
            content[table.name] = (await result.json<{ row: string }>()).map(({ row }) => row);
          }
        }
      }
      return content;
    },
    close: async () => {
      await readSide.close();
      await events.close();
      engine.close();
      await Promise.all([pool.end(), clickhouse.close(), connection.close()]);
      await Promise.all([nats.stop(), postgres.stop(), clickhouseServer.stop()]);
    },
  };
};
