/**
 * Generations of read models: which physical tables are live, and where each build of a model stands. One row is the switch; whoever
 * changes it holds the switch lock alone, and every writer of live tables holds it shared while it writes.
 */
import type { Pool, PoolClient } from 'pg';
import type { ClickHouseClient } from '@clickhouse/client';
import type { LiveModel } from '#platform/read-side/control-tables.js';
import type { StoredContext } from './instrument-registry.js';
import { groupOf, type GroupName, type ReadModel } from './read-model.js';

/** Advisory lock of the switch; the number only has to differ from other locks of the database. */
const switchLock = 7_261_001;
const rebuildLock = 7_261_002;

/** One build of a read model: its tables and the generation in which they were made. */
export interface Build {
  readonly model: ReadModel;
  readonly builtIn: bigint;
  readonly tables: Readonly<Record<string, string>>;
}

export interface Checkpoint {
  readonly streamSequence: bigint;
  readonly commandNumber: bigint;
  /** End of a range that was about to be inserted into ClickHouse; null when none is. */
  readonly pendingTo: bigint | null;
  readonly pendingCommand: bigint | null;
  readonly context: StoredContext;
}

export const startCheckpoint: Checkpoint = { streamSequence: 0n, commandNumber: 0n, pendingTo: null, pendingCommand: null, context: {} };

/** Builds that move together, and where they stand. */
export interface GroupPlan {
  readonly group: GroupName;
  readonly generation: bigint;
  readonly builds: readonly Build[];
  readonly checkpoint: Checkpoint;
}

/** Thrown when another generation became live: whoever sees it loads its plan again. */
export class PlanChanged extends Error {
  constructor(readonly reason: string) {
    super(`the plan changed: ${reason}`);
    this.name = 'PlanChanged';
  }
}

interface CheckpointColumns {
  model: string;
  builtIn: bigint;
  tables: Record<string, string>;
  streamSequence: bigint;
  commandNumber: bigint;
  pendingTo: bigint | null;
  pendingCommand: bigint | null;
  context: StoredContext;
}

const checkpointColumns = `model, built_in AS "builtIn", tables, stream_sequence AS "streamSequence", command_number AS "commandNumber",
  pending_to AS "pendingTo", pending_command AS "pendingCommand", context`;

/** Holds the switch lock shared until the transaction ends. @throws PlanChanged when `generation` is no longer live. */
export const holdGeneration = async (client: PoolClient, generation: bigint): Promise<void> => {
  await client.query(`SELECT pg_advisory_xact_lock_shared(${switchLock})`);
  const live = await client.query<{ generation: bigint }>('SELECT generation FROM control.read_model_generation');
  if (live.rows[0]?.generation !== generation) throw new PlanChanged(`generation ${live.rows[0]?.generation ?? 'none'} is live`);
};

/** Waits for all writers of live tables and keeps them out until the transaction ends. */
export const holdSwitch = async (client: PoolClient): Promise<void> => {
  await client.query(`SELECT pg_advisory_xact_lock(${switchLock})`);
};

/** One rebuild at a time, for as long as the session lives. */
export const tryRebuildLock = async (client: PoolClient): Promise<boolean> => {
  const result = await client.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(${rebuildLock}) AS held`);
  return result.rows[0]?.held === true;
};

export const releaseRebuildLock = async (client: PoolClient): Promise<void> => {
  await client.query(`SELECT pg_advisory_unlock(${rebuildLock})`);
};

/** Runs `work` in a transaction on one connection; any error rolls it back and, where the connection broke, discards the connection. */
export const inTransaction = async <Value>(pool: Pool, begin: string, work: (client: PoolClient) => Promise<Value>): Promise<Value> => {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(begin);
    const value = await work(client);
    await client.query('COMMIT');
    return value;
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: unknown) => {
      broken = cause instanceof Error ? cause : new Error(String(cause));
    });
    throw error;
  } finally {
    client.release(broken);
  }
};

const quotedName = (name: string): string => name.replaceAll('-', '_');

/** Physical names: table, version and generation, so that two builds never meet. */
export const buildOf = (model: ReadModel, generation: bigint, clickhouseDatabase: string): Build => {
  const prefix = model.store === 'postgres' ? 'read_models' : clickhouseDatabase;
  const tables = model.tables.map(({ name }) => [name, `${prefix}.${quotedName(name)}_v${model.version}_g${generation}`] as const);
  return { model, builtIn: generation, tables: Object.fromEntries(tables) };
};

export interface BuildStores {
  readonly pool: Pool;
  readonly clickhouse: ClickHouseClient;
}

export const createTables = async ({ pool, clickhouse }: BuildStores, build: Build): Promise<void> => {
  await dropTables({ pool, clickhouse }, build);
  if (build.model.store === 'postgres') await pool.query('CREATE SCHEMA IF NOT EXISTS read_models');
  for (const table of build.model.tables) {
    const physical = build.tables[table.name] ?? '';
    for (const statement of table.create(physical)) {
      if (build.model.store === 'postgres') await pool.query(statement);
      else await clickhouse.command({ query: statement });
    }
  }
};

export const dropTables = async (
  { pool, clickhouse }: BuildStores,
  build: { readonly model: Pick<ReadModel, 'store'>; readonly tables: Readonly<Record<string, string>> },
): Promise<void> => {
  for (const physical of Object.values(build.tables)) {
    if (build.model.store === 'postgres') await pool.query(`DROP TABLE IF EXISTS ${physical}`);
    else await clickhouse.command({ query: `DROP TABLE IF EXISTS ${physical} SYNC` });
  }
};

/** Whether every table of the build is there. */
export const tablesExist = async ({ pool, clickhouse }: BuildStores, build: Build): Promise<boolean> => {
  for (const physical of Object.values(build.tables)) {
    if (build.model.store === 'postgres') {
      const found = await pool.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [physical]);
      if (found.rows[0]?.found !== true) return false;
      continue;
    }
    const result = await clickhouse.query({ query: `EXISTS TABLE ${physical}`, format: 'JSONEachRow' });
    const rows = await result.json<{ result: number }>();
    if (rows[0]?.result !== 1) return false;
  }
  return true;
};

export const insertCheckpoint = async (client: Pick<PoolClient, 'query'>, build: Build, state: 'live' | 'candidate'): Promise<void> => {
  await client.query(
    `INSERT INTO control.read_model_checkpoints (model, built_in, version, group_name, state, tables) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (model, built_in) DO UPDATE SET state = EXCLUDED.state, tables = EXCLUDED.tables, stream_sequence = 0, command_number = 0,
       pending_to = NULL, pending_command = NULL, context = '{}', retired_at = NULL, updated_at = now()`,
    [build.model.name, String(build.builtIn), build.model.version, groupOf(build.model), state, JSON.stringify(build.tables)],
  );
};

export const liveModelOf = (build: Build): LiveModel => ({
  version: build.model.version,
  store: build.model.store,
  source: build.model.source,
  builtIn: String(build.builtIn),
  tables: build.tables,
});

export interface Generation {
  readonly generation: bigint;
  readonly models: Readonly<Record<string, LiveModel>>;
}

export const readGeneration = async (client: Pick<PoolClient, 'query'>): Promise<Generation | null> => {
  const result = await client.query<{ generation: bigint; models: Record<string, LiveModel> }>(
    'SELECT generation, models FROM control.read_model_generation',
  );
  return result.rows[0] ?? null;
};

export const writeGeneration = async (client: Pick<PoolClient, 'query'>, next: Generation): Promise<void> => {
  await client.query(
    `INSERT INTO control.read_model_generation (singleton, generation, models) VALUES (true, $1, $2)
     ON CONFLICT (singleton) DO UPDATE SET generation = EXCLUDED.generation, models = EXCLUDED.models, switched_at = now()`,
    [String(next.generation), JSON.stringify(next.models)],
  );
};

/** Builds of `models` with their common checkpoint. @throws Error when they stand apart, which no transaction of ours can cause. */
export const loadPlan = async (
  client: Pick<PoolClient, 'query'>,
  models: readonly ReadModel[],
  group: GroupName,
  state: 'live' | 'candidate',
): Promise<GroupPlan | null> => {
  const generation = await readGeneration(client);
  const result = await client.query<CheckpointColumns>(
    `SELECT ${checkpointColumns} FROM control.read_model_checkpoints WHERE group_name = $1 AND state = $2 ORDER BY model`,
    [group, state],
  );
  const builds: Build[] = [];
  for (const model of models) {
    const row = result.rows.find(({ model: name }) => name === model.name);
    if (row !== undefined && groupOf(model) === group) builds.push({ model, builtIn: row.builtIn, tables: row.tables });
  }
  const first = result.rows.find(({ model }) => builds.some((build) => build.model.name === model));
  if (first === undefined) return null;
  for (const row of result.rows) {
    if (row.streamSequence !== first.streamSequence || row.pendingTo !== first.pendingTo) {
      throw new Error(
        `read models of ${group} stand apart: ${first.model} at ${first.streamSequence}, ${row.model} at ${row.streamSequence}`,
      );
    }
  }
  const { streamSequence, commandNumber, pendingTo, pendingCommand, context } = first;
  return {
    group,
    generation: generation?.generation ?? 0n,
    builds,
    checkpoint: { streamSequence, commandNumber, pendingTo, pendingCommand, context },
  };
};

const buildKeys = (builds: readonly Build[]): [string[], string[]] => [
  builds.map(({ model }) => model.name),
  builds.map(({ builtIn }) => String(builtIn)),
];

const sameBuilds = '(model, built_in) IN (SELECT * FROM unnest($1::text[], $2::bigint[]))';

const mustMoveAll = (moved: number | null, builds: readonly Build[]): void => {
  if (moved !== builds.length) throw new PlanChanged(`${moved ?? 0} of ${builds.length} checkpoints were where this writer left them`);
};

/** Compare-and-set: moves the checkpoint of all builds from where they were read. @throws PlanChanged when another writer moved them. */
export const moveCheckpoint = async (
  client: Pick<PoolClient, 'query'>,
  builds: readonly Build[],
  from: bigint,
  to: { readonly streamSequence: bigint; readonly commandNumber: bigint; readonly context: StoredContext | null },
): Promise<void> => {
  const moved = await client.query(
    `UPDATE control.read_model_checkpoints SET stream_sequence = $4, command_number = $5, pending_to = NULL, pending_command = NULL,
       context = coalesce($6::jsonb, context), updated_at = now() WHERE ${sameBuilds} AND stream_sequence = $3`,
    [
      ...buildKeys(builds),
      String(from),
      String(to.streamSequence),
      String(to.commandNumber),
      to.context === null ? null : JSON.stringify(to.context),
    ],
  );
  mustMoveAll(moved.rowCount, builds);
};

/** Stores the range that is about to be inserted, before the insert. @throws PlanChanged when another writer moved the checkpoint. */
export const intendRange = async (
  client: Pick<PoolClient, 'query'>,
  builds: readonly Build[],
  from: bigint,
  to: { readonly streamSequence: bigint; readonly commandNumber: bigint },
): Promise<void> => {
  const moved = await client.query(
    `UPDATE control.read_model_checkpoints SET pending_to = $4, pending_command = $5, updated_at = now()
      WHERE ${sameBuilds} AND stream_sequence = $3 AND pending_to IS NULL`,
    [...buildKeys(builds), String(from), String(to.streamSequence), String(to.commandNumber)],
  );
  mustMoveAll(moved.rowCount, builds);
};
