// The read-model runner as a process of its own that dies where its order says: by SIGKILL of itself, so that nothing is closed, flushed
// or rolled back by anybody but the operating system and the stores.
import { clickHouseClient } from '#platform/clickhouse/client.js';
import { JetStreamEventStore } from '#platform/event-store/jetstream-event-store.js';
import { connectNats } from '#platform/nats/connect.js';
import { postgresPool } from '#platform/postgres/pool.js';
import { readModels } from '../read-models/read-models.js';
import { natsDeadLetters } from '../runner/dead-letters.js';
import { eventSource } from '../runner/event-source.js';
import { ReadModelRunner } from '../runner/read-model-runner.js';
import { tapeSource } from '../runner/tape-source.js';
import { runnerOrderVariable, type RunnerOrder } from './runner-process.js';

const { servers, limits, death } = JSON.parse(process.env[runnerOrderVariable] ?? '') as RunnerOrder;
const connection = await connectNats(servers.nats, 'runner-process');
const pool = postgresPool(servers.postgres, 'runner-process');
const clickhouse = clickHouseClient(servers.clickhouse, 'runner-process');
const events = new JetStreamEventStore(connection);
let visits = 0;
const runner = new ReadModelRunner({
  stores: { pool, clickhouse },
  clickhouseDatabase: servers.clickhouse.database,
  models: readModels,
  tape: tapeSource(connection, 0),
  events: eventSource(events),
  deadLetters: natsDeadLetters(connection),
  limits: { postgres: limits, clickhouse: limits },
  interrupt: async (at) => {
    if (at !== death?.at) return;
    visits += 1;
    if (visits < death.visit) return;
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined); // the step that follows is never begun, however late the signal arrives
  },
});
const { signal } = new AbortController();
await runner.prepare(signal);
runner.start();
await runner.caughtUp({ timeoutMs: 60_000, signal });
await runner.close();
await events.close();
await Promise.all([pool.end(), clickhouse.close(), connection.close()]);
