/**
 * Builds read models anew beside the live ones, from the start of their source, compares, and switches.
 *
 * Candidates are filled up to the live checkpoint of their group, never beyond it. Then the switch lock keeps every writer of live tables
 * out: the candidates read the last messages, stand exactly where the live tables stand, and are compared with them row by row. The switch
 * is one row. Readers that took a snapshot before go on with the old tables until they are dropped. Canceling at any time before the
 * switch changes nothing: the candidates' tables are dropped.
 */
import type { PoolClient } from 'pg';
import { FulltapeError } from '#contracts/result/result.js';
import { waitUntil } from '#contracts/time/wait-until.js';
import { BatchReader, type BatchLimits } from './batch-reader.js';
import { compareBuilds, type TableDifference } from './compare-builds.js';
import {
  buildOf,
  createTables,
  dropTables,
  holdSwitch,
  insertCheckpoint,
  liveModelOf,
  loadPlan,
  readGeneration,
  releaseRebuildLock,
  tablesExist,
  tryRebuildLock,
  writeGeneration,
  type Build,
  type Checkpoint,
  type BuildStores,
  type GroupPlan,
} from './generations.js';
import { openGroup, type Group } from './group.js';
import { projectEvents, projectTape } from './projected.js';
import { groupOf, type GroupName, type ReadModel } from './read-model.js';
import { readRange, type EventContent, type Source, type TapeContent } from './source.js';

export interface RebuildOptions {
  readonly stores: BuildStores;
  readonly clickhouseDatabase: string;
  /** All read models of this release. */
  readonly models: readonly ReadModel[];
  readonly names: readonly string[];
  readonly tape: Source<TapeContent>;
  readonly events: Source<EventContent>;
  readonly limits: BatchLimits;
  readonly signal: AbortSignal;
  /** Switch although contents differ; a raised version is meant to differ and is never compared. */
  readonly accept: boolean;
  readonly onProgress?: (progress: RebuildProgress) => void;
}

export interface RebuildProgress {
  readonly group: GroupName;
  readonly done: bigint;
  readonly total: bigint;
}

export interface RebuiltModel {
  readonly name: string;
  readonly version: number;
  readonly streamSequence: string;
  /** false when the live tables were missing or of another version. */
  readonly compared: boolean;
}

export interface RebuildReport {
  readonly switched: boolean;
  readonly generation: string;
  readonly models: readonly RebuiltModel[];
  readonly differences: readonly TableDifference[];
  readonly messages: number;
  readonly durationMs: number;
}

const pendingTimeoutMs = 60_000;
const settledRounds = 3;

/** A group of candidates that is being filled; hides what kind of messages its source has. */
interface Candidates {
  readonly checkpoint: Checkpoint;
  sourceHead(): Promise<bigint>;
  /** Applies messages up to and including `to`. Returns how many there were. */
  fill(to: bigint): Promise<number>;
}

const candidatesOf = async (options: RebuildOptions, plan: GroupPlan): Promise<Candidates> => {
  const { pool, clickhouse } = options.stores;
  const fixed = { pool, clickhouse, plan, followsGeneration: false };
  const skip = await setAside(options, plan.group);
  const over = <Content>(source: Source<Content>, group: Group<Content>): Candidates => ({
    get checkpoint() {
      return group.checkpoint;
    },
    sourceHead: () => source.head(),
    fill: (to) => fill(options, source, group, to, skip),
  });
  return plan.group === 'postgres-events'
    ? over(options.events, openGroup({ ...fixed, source: options.events, project: projectEvents }))
    : over(options.tape, openGroup({ ...fixed, source: options.tape, project: projectTape }));
};

/** Applies a candidate's messages up to and including `to`. Returns how many there were. */
const fill = async <Content>(
  options: RebuildOptions,
  source: Source<Content>,
  group: Group<Content>,
  to: bigint,
  skip: ReadonlySet<string>,
): Promise<number> => {
  let messages = 0;
  const reader = new BatchReader(source, readRange(source, group.checkpoint.streamSequence, to, options.signal), options.limits);
  try {
    for (let batch = await reader.next(); batch !== null; batch = await reader.next()) {
      options.signal.throwIfAborted();
      // What the live tables do not hold because it was set aside must not be in the candidate either.
      const kept = batch.filter(({ streamSequence }) => !skip.has(String(streamSequence)));
      if (kept.length > 0) await group.apply(kept);
      const last = batch.at(-1);
      if (last !== undefined && last.streamSequence !== group.checkpoint.streamSequence) await group.pass([last], async () => undefined);
      messages += batch.length;
      options.onProgress?.({ group: group.plan.group, done: group.checkpoint.streamSequence, total: to });
    }
    options.signal.throwIfAborted();
    return messages;
  } finally {
    reader.close();
  }
};

const setAside = async (options: RebuildOptions, group: GroupName): Promise<ReadonlySet<string>> => {
  const result = await options.stores.pool.query<{ sequence: string }>(
    'SELECT stream_sequence::text AS sequence FROM control.dead_letters WHERE group_name = $1',
    [group],
  );
  return new Set(result.rows.map(({ sequence }) => sequence));
};

class Rebuild {
  private readonly groups = new Map<GroupName, Candidates>();
  private candidates: Build[] = [];
  private messages = 0;

  constructor(private readonly options: RebuildOptions) {}

  async run(): Promise<RebuildReport> {
    const started = performance.now();
    const models = this.options.models.filter(({ name }) => this.options.names.includes(name));
    await this.prepare(models);
    try {
      for (const group of this.groups.keys()) await this.approach(group);
      const outcome = await this.compareAndSwitch();
      if (!outcome.switched) await this.discard();
      return { ...outcome, messages: this.messages, durationMs: Math.round(performance.now() - started) };
    } catch (error) {
      await this.discard().catch(() => undefined); // the first error is the one to tell
      throw error;
    }
  }

  private async prepare(models: readonly ReadModel[]): Promise<void> {
    const { stores, clickhouseDatabase } = this.options;
    await dropLeftovers(stores, this.options.models);
    const current = await readGeneration(stores.pool);
    const next = (current?.generation ?? 0n) + 1n;
    this.candidates = models.map((model) => buildOf(model, next, clickhouseDatabase));
    for (const build of this.candidates) {
      await createTables(stores, build);
      await insertCheckpoint(stores.pool, build, 'candidate');
    }
    for (const name of new Set(models.map(groupOf))) {
      const plan = await loadPlan(stores.pool, models, name, 'candidate');
      if (plan !== null) this.groups.set(name, await candidatesOf(this.options, plan));
    }
  }

  /** Where the live tables of the group stand; null when there are none. */
  private async target(group: GroupName, client: Pick<PoolClient, 'query'>): Promise<Checkpoint | null> {
    const plan = await loadPlan(client, this.options.models, group, 'live');
    return plan?.checkpoint ?? null;
  }

  private async advance(name: GroupName, to: bigint): Promise<void> {
    const group = this.groups.get(name);
    if (group !== undefined && group.checkpoint.streamSequence < to) this.messages += await group.fill(to);
  }

  /** Follows the live checkpoint until little is left to do while the writers are held. */
  private async approach(name: GroupName): Promise<void> {
    for (let round = 0; round < settledRounds; round += 1) {
      const live = await this.target(name, this.options.stores.pool);
      const to = live?.streamSequence ?? (await this.groups.get(name)?.sourceHead()) ?? 0n;
      await this.advance(name, to);
    }
  }

  private async compareAndSwitch(): Promise<Omit<RebuildReport, 'messages' | 'durationMs'>> {
    const { pool } = this.options.stores;
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await this.holdSettled(client);
      for (const name of this.groups.keys()) {
        const live = await this.target(name, client);
        if (live !== null) await this.advance(name, live.streamSequence);
      }
      const current = await readGeneration(client);
      const { differences, rebuilt } = await this.compare(current?.models ?? {});
      const switched = differences.length === 0 || this.options.accept;
      const generation = this.candidates[0]?.builtIn ?? current?.generation ?? 0n;
      if (switched) await this.writeSwitch(client, generation, current?.models ?? {});
      await client.query(switched ? 'COMMIT' : 'ROLLBACK');
      return { switched, generation: String(switched ? generation : (current?.generation ?? 0n)), models: rebuilt, differences };
    } catch (error) {
      await client.query('ROLLBACK').catch((cause: unknown) => {
        broken = cause instanceof Error ? cause : new Error(String(cause));
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Takes the switch lock at a moment when no insert into live ClickHouse tables is under way. */
  private async holdSettled(client: PoolClient): Promise<void> {
    const settle = async (): Promise<boolean> => {
      await client.query('BEGIN; SET LOCAL statement_timeout = 0');
      await holdSwitch(client);
      for (const name of this.groups.keys()) {
        const plan = await loadPlan(client, this.options.models, name, 'live');
        if (plan === null || plan.checkpoint.pendingTo === null) continue;
        const present = await Promise.all(plan.builds.map((build) => tablesExist(this.options.stores, build)));
        // An insert into tables that are gone will never be finished; what it meant is in the candidates.
        if (!present.every(Boolean)) continue;
        await client.query('ROLLBACK');
        return false;
      }
      return true;
    };
    await waitUntil(settle, {
      timeoutMs: pendingTimeoutMs,
      intervalMs: 50,
      what: 'the insert that is under way',
      signal: this.options.signal,
    });
  }

  private async compare(
    live: Readonly<
      Record<string, { readonly version: number; readonly builtIn: string; readonly tables: Readonly<Record<string, string>> }>
    >,
  ): Promise<{
    readonly differences: readonly TableDifference[];
    readonly rebuilt: readonly RebuiltModel[];
  }> {
    const differences: TableDifference[] = [];
    const rebuilt: RebuiltModel[] = [];
    for (const candidate of this.candidates) {
      const { name, version } = candidate.model;
      const before = live[name];
      const old = before === undefined ? null : { model: candidate.model, builtIn: BigInt(before.builtIn), tables: before.tables };
      const compared = old !== null && before?.version === version && (await tablesExist(this.options.stores, old));
      if (compared) differences.push(...(await compareBuilds(this.options.stores, old, candidate)));
      const streamSequence = this.groups.get(groupOf(candidate.model))?.checkpoint.streamSequence ?? 0n;
      rebuilt.push({ name, version, streamSequence: String(streamSequence), compared });
    }
    return { differences, rebuilt };
  }

  private async writeSwitch(
    client: PoolClient,
    generation: bigint,
    live: Readonly<Record<string, ReturnType<typeof liveModelOf>>>,
  ): Promise<void> {
    const known = new Set<string>(this.options.models.map(({ name }) => name));
    const kept = Object.entries(live).filter(([name]) => known.has(name));
    const next = Object.fromEntries([...kept, ...this.candidates.map((build) => [build.model.name, liveModelOf(build)] as const)]);
    await writeGeneration(client, { generation, models: next });
    const replaced = this.candidates.map(({ model }) => model.name as string).concat(Object.keys(live).filter((name) => !known.has(name)));
    await client.query(
      `UPDATE control.read_model_checkpoints SET state = 'retired', retired_at = now() WHERE state = 'live' AND model = ANY($1)`,
      [replaced],
    );
    await client.query(
      `UPDATE control.read_model_checkpoints SET state = 'live', updated_at = now() WHERE state = 'candidate' AND built_in = $1`,
      [String(generation)],
    );
  }

  private async discard(): Promise<void> {
    const { stores } = this.options;
    for (const build of this.candidates) {
      await dropTables(stores, build);
      await stores.pool.query(`DELETE FROM control.read_model_checkpoints WHERE model = $1 AND built_in = $2 AND state = 'candidate'`, [
        build.model.name,
        String(build.builtIn),
      ]);
    }
  }
}

/** Drops what a rebuild that died left behind. */
const dropLeftovers = async (stores: BuildStores, models: readonly ReadModel[]): Promise<void> => {
  const left = await stores.pool.query<{ model: string; builtIn: bigint; groupName: string; tables: Record<string, string> }>(
    `SELECT model, built_in AS "builtIn", group_name AS "groupName", tables FROM control.read_model_checkpoints WHERE state = 'candidate'`,
  );
  for (const row of left.rows) {
    const store =
      models.find(({ name }) => name === row.model)?.store ?? (row.groupName.startsWith('clickhouse') ? 'clickhouse' : 'postgres');
    await dropTables(stores, { model: { store }, tables: row.tables });
    await stores.pool.query(`DELETE FROM control.read_model_checkpoints WHERE model = $1 AND built_in = $2`, [
      row.model,
      String(row.builtIn),
    ]);
  }
};

/**
 * Rebuilds the named read models.
 * @throws FulltapeError UNKNOWN_READ_MODEL, REBUILD_RUNNING; the signal's reason when it was canceled.
 */
export const rebuildReadModels = async (options: RebuildOptions): Promise<RebuildReport> => {
  for (const name of options.names) {
    if (!options.models.some((model) => model.name === name)) throw new FulltapeError('UNKNOWN_READ_MODEL', { name });
  }
  const session = await options.stores.pool.connect();
  try {
    if (!(await tryRebuildLock(session))) throw new FulltapeError('REBUILD_RUNNING', {});
    try {
      return await new Rebuild(options).run();
    } finally {
      await releaseRebuildLock(session);
    }
  } finally {
    session.release();
  }
};
