import type { ReadModelName } from '#platform/read-side/live-tables.js';
import { logger } from '#platform/telemetry/logger.js';
import { pause } from '#contracts/time/pause.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import type { BatchLimits } from './batch-reader.js';
import type { DeadLetters } from './dead-letters.js';
import type { Interrupt } from './group.js';
import { GroupRunner, type GroupStatus } from './group-runner.js';
import {
  buildOf,
  createTables,
  dropTables,
  insertCheckpoint,
  liveModelOf,
  readGeneration,
  tablesExist,
  writeGeneration,
  type BuildStores,
} from './generations.js';
import { projectEvents, projectTape } from './projected.js';
import type { ReadModel } from './read-model.js';
import { rebuildReadModels } from './rebuild.js';
import type { EventContent, Source, TapeContent } from './source.js';

export interface ReadModelRunnerOptions {
  readonly stores: BuildStores;
  readonly clickhouseDatabase: string;
  readonly models: readonly ReadModel[];
  readonly tape: Source<TapeContent>;
  readonly events: Source<EventContent>;
  readonly deadLetters: DeadLetters;
  readonly limits?: Partial<Record<'postgres' | 'clickhouse', BatchLimits>>;
  /** Test support: see `GroupOptions.interrupt`. */
  readonly interrupt?: Interrupt;
}

/**
 * A batch is what has queued while the last one was stored. ClickHouse dislikes many small inserts (each is a part that it has to merge),
 * so its batches keep a distance; after a quiet time there is none to keep, and a single order is stored at once. Four batches a second
 * of a steady trickle (the simulated market) take it an eighth of a core; twenty took more than a third, for history that nobody trades on.
 */
export const defaultLimits: Readonly<Record<'postgres' | 'clickhouse', BatchLimits>> = {
  postgres: { messagesMax: 512, bytesMax: 4_194_304, spacingMs: 0 },
  clickhouse: { messagesMax: 4_096, bytesMax: 16_777_216, spacingMs: 250 },
};

/** Tables of an older generation are dropped after this time: longer than any request may run. */
export const drainMs = 120_000;
const drainRoundMs = 10_000;

/** Owns the read models of this process: makes the first generation, follows the sources, drops drained tables. */
export class ReadModelRunner {
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>[] = [];
  private readonly tapeGroups: readonly GroupRunner<TapeContent>[];
  private readonly eventGroup: GroupRunner<EventContent>;

  constructor(private readonly options: ReadModelRunnerOptions) {
    const { stores, models, deadLetters } = options;
    const fixed = { ...stores, models, deadLetters };
    const limits = { ...defaultLimits, ...options.limits };
    const hook = options.interrupt === undefined ? {} : { interrupt: options.interrupt };
    const tape = { ...fixed, ...hook, source: options.tape, project: projectTape };
    this.tapeGroups = [
      new GroupRunner({ ...tape, group: 'postgres-tape', limits: limits.postgres }),
      new GroupRunner({ ...tape, group: 'clickhouse-tape', limits: limits.clickhouse }),
    ];
    this.eventGroup = new GroupRunner({
      ...fixed,
      source: options.events,
      project: projectEvents,
      group: 'postgres-events',
      limits: limits.postgres,
    });
  }

  /** Makes every read model of this release live: new ones, those of a raised version and those whose tables are gone are built first. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { stores, models, clickhouseDatabase } = this.options;
    const current = await readGeneration(stores.pool);
    if (current === null) {
      const builds = models.map((model) => buildOf(model, 1n, clickhouseDatabase));
      for (const build of builds) {
        await createTables(stores, build);
        await insertCheckpoint(stores.pool, build, 'live');
      }
      await writeGeneration(stores.pool, {
        generation: 1n,
        models: Object.fromEntries(builds.map((build) => [build.model.name, liveModelOf(build)])),
      });
      return;
    }
    const stale: ReadModelName[] = [];
    for (const model of models) {
      const live = current.models[model.name];
      const build = live === undefined ? null : { model, builtIn: BigInt(live.builtIn), tables: live.tables };
      if (build === null || live?.version !== model.version || !(await tablesExist(stores, build))) stale.push(model.name);
    }
    if (stale.length === 0) return;
    logger.warn({ models: stale }, 'projection.rebuilding-at-start');
    const report = await rebuildReadModels({ ...this.options, names: stale, limits: defaultLimits.postgres, signal, accept: true });
    logger.info({ models: stale, generation: report.generation, durationMs: report.durationMs }, 'projection.rebuilt-at-start');
  }

  start(): void {
    const { signal } = this.stopping;
    this.running.push(...this.tapeGroups.map((group) => group.run(signal)), this.eventGroup.run(signal), this.dropDrained(signal));
  }

  status(): readonly GroupStatus[] {
    return [...this.tapeGroups.map((group) => group.status()), this.eventGroup.status()];
  }

  /** Waits until every group has reached what its source holds now. */
  async caughtUp(options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<void> {
    const [tape, events] = [await this.options.tape.head(), await this.options.events.head()];
    const reached = (): boolean =>
      this.status().every(
        ({ group, state, streamSequence }) => state === 'running' && streamSequence >= (group === 'postgres-events' ? events : tape),
      );
    await waitUntil(reached, { ...options, intervalMs: 10, what: `read models at tape ${tape} and events ${events}` });
  }

  private async dropDrained(signal: AbortSignal): Promise<void> {
    const { stores } = this.options;
    while (!signal.aborted) {
      try {
        const drained = await stores.pool.query<{ model: string; builtIn: bigint; groupName: string; tables: Record<string, string> }>(
          `SELECT model, built_in AS "builtIn", group_name AS "groupName", tables FROM control.read_model_checkpoints
            WHERE state = 'retired' AND retired_at < now() - make_interval(secs => $1)`,
          [drainMs / 1_000],
        );
        for (const { model, builtIn, groupName, tables } of drained.rows) {
          await dropTables(stores, { model: { store: groupName.startsWith('clickhouse') ? 'clickhouse' : 'postgres' }, tables });
          await stores.pool.query('DELETE FROM control.read_model_checkpoints WHERE model = $1 AND built_in = $2', [
            model,
            String(builtIn),
          ]);
        }
      } catch (error) {
        logger.warn({ err: error }, 'projection.drain-failed'); // tried again in the next round
      }
      await pause(drainRoundMs, signal);
    }
  }

  /** Stops reading, finishes the batch that is being stored, and ends. The stores belong to the caller. */
  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }
}
