import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { FulltapeError } from '#contracts/result/result.js';
import { clickHouseClient } from '#platform/clickhouse/client.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { JetStreamEventStore } from '#platform/event-store/jetstream-event-store.js';
import { connectNats } from '#platform/nats/connect.js';
import { reconcileStreams } from '#platform/nats/streams.js';
import { postgresPool } from '#platform/postgres/pool.js';
import type { RoleHandle } from '#platform/processes/role.js';
import { migrateControlTables } from '#platform/read-side/migrate.js';
import { readModels } from '#projections/read-models/read-models.js';
import { natsDeadLetters } from '#projections/runner/dead-letters.js';
import { eventSource } from '#projections/runner/event-source.js';
import { ReadModelRunner } from '#projections/runner/read-model-runner.js';
import { tapeSource } from '#projections/runner/tape-source.js';
import { EngineReactor } from './reactors/engine-reactor.js';
import { ReactorCheckpoints } from './reactors/reactor-checkpoints.js';
import { seedDemoWorld } from './seeding/seed-demo-world.js';
import { WorkersModule } from './workers.module.js';

const shard = 0;
const caughtUpTimeoutMs = 55_000;

/** What was opened, closed in reverse order; one failure does not keep the others open. */
class Closers {
  private readonly closers: (() => Promise<unknown>)[] = [];

  add(close: () => Promise<unknown>): void {
    this.closers.unshift(close);
  }

  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.closers.splice(0)) await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'closing the workers');
  }
}

/**
 * The role `workers`: event store and command handlers of ordinary aggregates, reactors, read models. It is ready when the demo world
 * is acknowledged DURABLE and every read model has reached its source.
 */
export const startWorkers = async (config: FulltapeConfig, signal: AbortSignal): Promise<RoleHandle> => {
  if (config.engine.shards !== 1) {
    throw new FulltapeError('INVALID_ARGUMENT', {
      argument: 'engine.shards',
      value: String(config.engine.shards),
      expected: '1: the read models of this release follow one shard',
    });
  }
  const closers = new Closers();
  try {
    const connection = await connectNats(config.nats, 'workers');
    closers.add(() => connection.close());
    await reconcileStreams(connection, { shards: config.engine.shards, replicas: config.nats.replicas });
    const pool = postgresPool(config.postgres, 'workers');
    closers.add(() => pool.end());
    const clickhouse = clickHouseClient(config.clickhouse, 'fulltape-workers');
    closers.add(() => clickhouse.close());
    await migrateControlTables(pool, config.postgres.url);

    const store = new JetStreamEventStore(connection);
    closers.add(() => store.close());
    const runner = new ReadModelRunner({
      stores: { pool, clickhouse },
      clickhouseDatabase: config.clickhouse.database,
      models: readModels,
      tape: tapeSource(connection, shard),
      events: eventSource(store),
      deadLetters: natsDeadLetters(connection),
    });
    await runner.prepare(signal);
    runner.start();
    closers.add(() => runner.close());

    const app = await NestFactory.createApplicationContext(WorkersModule.register(store), { logger: false });
    closers.add(() => app.close());
    const commands = new NatsCommandPort(connection);
    const reactor = new EngineReactor({ store, commands, checkpoints: new ReactorCheckpoints(pool) });
    await reactor.start();
    closers.add(() => reactor.close());

    if (config.demo) await seedDemoWorld({ bus: app.get(CommandBus), store, commands, reactor }, signal);
    await runner.caughtUp({ timeoutMs: caughtUpTimeoutMs, signal });
    return { ready: {}, close: () => closers.close() };
  } catch (error) {
    await closers.close().catch(() => undefined); // the first error is the one to tell
    throw error;
  }
};
