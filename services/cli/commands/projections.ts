import { SingleBar } from 'cli-progress';
import { Option, type Command } from 'commander';
import type { NatsConnection } from '@nats-io/transport-node';
import { FulltapeError } from '#contracts/result/result.js';
import { clickHouseClient } from '#platform/clickhouse/client.js';
import type { FulltapeConfig } from '#platform/config/config.js';
import { attachToRunning } from '#platform/config/runtime-file.js';
import { JetStreamEventStore } from '#platform/event-store/jetstream-event-store.js';
import { connectNats } from '#platform/nats/connect.js';
import { setLogLevel } from '#platform/telemetry/logger.js';
import { openPostgresPool } from '#platform/read-side/postgres-pool.js';
import { readModels } from '#projections/read-models/read-models.js';
import { eventSource } from '#projections/runner/event-source.js';
import type { BuildStores } from '#projections/runner/generations.js';
import { listReadModels } from '#projections/runner/list-read-models.js';
import { defaultLimits } from '#projections/runner/read-model-runner.js';
import { rebuildReadModels, type RebuildProgress, type RebuildReport } from '#projections/runner/rebuild.js';
import type { EventContent, Source, TapeContent } from '#projections/runner/source.js';
import { tapeSource } from '#projections/runner/tape-source.js';
import type { CliContext } from '../context.js';

interface Attached {
  readonly config: FulltapeConfig;
  readonly connection: NatsConnection;
  readonly stores: BuildStores;
  readonly tape: Source<TapeContent>;
  readonly events: Source<EventContent>;
}

const shard = 0;
const progressLineMs = 3_000;

/** Works with the stores of the platform that runs on the data folder. */
const attached = async <Value>(context: CliContext, command: Command, work: (parts: Attached) => Promise<Value>): Promise<Value> => {
  const globals = context.globals(command);
  setLogLevel(globals.logLevel ?? 'error');
  const { config } = attachToRunning(globals.dataDir);
  const connection = await connectNats(config.nats, 'projections-command');
  // No bound on a statement: comparing and counting big tables takes what it takes, and Ctrl-C ends it.
  const pool = openPostgresPool({ url: config.postgres.url, poolMax: 4, applicationName: 'fulltape-projections', statementTimeoutMs: 0 });
  const clickhouse = clickHouseClient(config.clickhouse, 'fulltape-projections');
  const store = new JetStreamEventStore(connection);
  try {
    return await work({
      config,
      connection,
      stores: { pool, clickhouse },
      tape: tapeSource(connection, shard),
      events: eventSource(store),
    });
  } finally {
    await store.close();
    await Promise.allSettled([pool.end(), clickhouse.close(), connection.close()]);
  }
};

const rowsText = (rows: Readonly<Record<string, number>> | null): string =>
  rows === null
    ? 'tables missing'
    : Object.entries(rows)
        .map(([table, count]) => `${table} ${count}`)
        .join(', ');

const list = (context: CliContext, command: Command): Promise<void> =>
  attached(context, command, async ({ stores, tape, events }) => {
    const models = await listReadModels({ stores, models: readModels, tape, events });
    if (models.some(({ state }) => state === 'missing')) context.exitCode = 1;
    if (context.json) {
      context.printJson({ version: 1, readModels: models });
      return;
    }
    context.print(['NAME'.padEnd(18), 'VERSION', 'GENERATION', 'POSITION'.padStart(12), 'LAG'.padStart(6), ' ROWS'].join(' '));
    for (const { name, version, generation, streamSequence, lag, rows } of models) {
      const columns = [name.padEnd(18), String(version).padStart(7), generation.padStart(10), streamSequence.padStart(12), lag.padStart(6)];
      context.print(`${columns.join(' ')}  ${rowsText(rows)}`);
    }
    if (context.exitCode === 1) context.note('Tables are missing. Build them anew: npx fulltape projections rebuild --all');
  });

/** A bar on a terminal, otherwise a line every few seconds; always on standard error. */
const progressOf = (context: CliContext): { show: (progress: RebuildProgress) => void; stop: () => void } => {
  const done = new Map<string, RebuildProgress>();
  const sums = (): { done: number; total: number } => ({
    done: Number([...done.values()].reduce((sum, part) => sum + part.done, 0n)),
    total: Number([...done.values()].reduce((sum, part) => sum + part.total, 0n)),
  });
  if (!context.interactive) {
    let toldAt = Date.now();
    return {
      show: (progress) => {
        done.set(progress.group, progress);
        if (Date.now() - toldAt < progressLineMs) return;
        toldAt = Date.now();
        context.note(`rebuilding: ${sums().done} of ${sums().total} messages`);
      },
      stop: () => undefined,
    };
  }
  const bar = new SingleBar({
    format: 'rebuilding {bar} {percentage}% | {value} of {total} messages',
    stream: process.stderr,
    hideCursor: true,
  });
  bar.start(1, 0);
  return {
    show: (progress) => {
      done.set(progress.group, progress);
      bar.setTotal(Math.max(1, sums().total));
      bar.update(sums().done);
    },
    stop: () => bar.stop(),
  };
};

const tell = (context: CliContext, report: RebuildReport): void => {
  for (const { name, version, streamSequence, compared } of report.models) {
    context.print(
      `${name} version ${version} at ${streamSequence}: ${compared ? 'compared' : 'not compared, there was nothing of this version'}`,
    );
  }
  for (const { model, table, liveRows, candidateRows, onlyLive, onlyCandidate, samples } of report.differences) {
    const detail = onlyLive < 0 ? '' : `, ${onlyLive} only in the live one, ${onlyCandidate} only in the rebuilt one`;
    context.print(`DIFFERENT ${model}.${table}: ${liveRows} rows live, ${candidateRows} rebuilt${detail}`);
    for (const sample of samples) context.print(`  ${sample}`);
  }
  const seconds = (report.durationMs / 1_000).toFixed(1);
  context.print(
    report.switched
      ? `Generation ${report.generation} is live: ${report.messages} messages in ${seconds} s.`
      : 'Nothing was switched, because contents differ. Switch all the same with --accept.',
  );
};

interface RebuildFlags {
  readonly all?: boolean;
  readonly accept?: boolean;
}

const rebuild = (context: CliContext, command: Command, names: readonly string[], flags: RebuildFlags): Promise<void> =>
  attached(context, command, async ({ config, stores, tape, events }) => {
    if ((flags.all === true) === names.length > 0) {
      throw new FulltapeError('INVALID_ARGUMENT', {
        argument: 'NAME',
        expected: 'names of read models, or --all',
        list: 'npx fulltape projections list',
      });
    }
    const progress = progressOf(context);
    let report: RebuildReport;
    try {
      report = await rebuildReadModels({
        stores,
        clickhouseDatabase: config.clickhouse.database,
        models: readModels,
        names: flags.all === true ? readModels.map(({ name }) => name) : names,
        tape,
        events,
        limits: defaultLimits.clickhouse,
        signal: context.signal,
        accept: flags.accept === true,
        onProgress: progress.show,
      });
    } catch (error) {
      if (context.signal.aborted) {
        context.note('Canceled: the live read models are as they were, what was being built is dropped.');
        context.exitCode = 130;
        return;
      }
      throw error;
    } finally {
      progress.stop();
    }
    if (!report.switched) context.exitCode = 1;
    if (context.json) context.printJson({ version: 1, ...report });
    else tell(context, report);
  });

const deadLetters = (context: CliContext, command: Command): Promise<void> =>
  attached(context, command, async ({ stores }) => {
    const { rows } = await stores.pool.query<{
      group: string;
      source: string;
      streamSequence: bigint;
      code: string;
      error: string;
      parkedAt: string;
    }>(
      `SELECT group_name AS "group", source, stream_sequence AS "streamSequence", code, error, parked_at AS "parkedAt"
         FROM control.dead_letters ORDER BY id DESC LIMIT 1000`,
    );
    if (rows.length > 0) context.exitCode = 1;
    if (context.json) {
      context.printJson({ version: 1, deadLetters: rows });
      return;
    }
    for (const { group, source, streamSequence, code, error, parkedAt } of rows) {
      context.print(`${parkedAt} ${group} ${source} message ${streamSequence} ${code}: ${error}`);
    }
    if (rows.length === 0) context.print('No message was set aside.');
  });

export const register = (program: Command, context: CliContext): void => {
  const projections = program
    .command('projections')
    .description('read models: where they stand, build them anew, messages that were set aside');
  projections
    .command('list')
    .description('name, version, generation, position, lag and rows of every read model; exit status 1 when tables are missing')
    .addHelpText('after', '\nExample:\n  npx fulltape projections list --json\n')
    .action((_options: unknown, command: Command) => list(context, command));
  projections
    .command('rebuild')
    .argument('[names...]', 'read models to build')
    .description('build read models anew beside the live ones, compare row by row, and switch; exit status 1 when they differ')
    .addOption(new Option('--all', 'every read model; works when their tables were dropped, too'))
    .addOption(new Option('--accept', 'switch although contents differ'))
    .addHelpText('after', '\nExample:\n  npx fulltape projections rebuild positions candles\n')
    .action((names: string[], options: RebuildFlags, command: Command) => rebuild(context, command, names, options));
  projections
    .command('dead-letters')
    .description('messages that no read model could apply, newest first; exit status 1 when there are any')
    .addHelpText('after', '\nExample:\n  npx fulltape projections dead-letters\n')
    .action((_options: unknown, command: Command) => deadLetters(context, command));
};
