import type { Pool } from 'pg';
import { FulltapeError } from '#contracts/result/result.js';
import type { Position } from '#contracts/position/position.js';
import type { LiveModel } from './control-tables.js';

/** Read models of this release; `projections/` builds them, the read side names them. */
export const readModelNames = [
  'orders',
  'executions',
  'positions',
  'balances',
  'cash-entries',
  'instruments',
  'accounts',
  'risk-rules',
  'book',
  'listings',
  'account-profiles',
  'portfolios',
  'order-events',
  'trades',
  'candles',
] as const;
export type ReadModelName = (typeof readModelNames)[number];

/** How far one live model has come in its own store. */
export interface ModelCheckpoint {
  readonly source: 'tape' | 'events';
  readonly streamSequence: bigint;
  readonly commandNumber: bigint;
}

/** One generation as one request sees it: table names and checkpoints, read together once. */
export interface LiveTables {
  readonly generation: bigint;
  readonly models: ReadonlyMap<string, LiveModel>;
  readonly checkpoints: ReadonlyMap<string, ModelCheckpoint>;
}

interface LiveRow {
  generation: bigint;
  models: Record<string, LiveModel>;
  checkpoints: { model: string; builtIn: string; streamSequence: string; commandNumber: string }[] | null;
}

const liveQuery = `
  SELECT g.generation, g.models,
         (SELECT jsonb_agg(jsonb_build_object('model', c.model, 'builtIn', c.built_in::text,
                                              'streamSequence', c.stream_sequence::text, 'commandNumber', c.command_number::text))
            FROM control.read_model_checkpoints c WHERE c.state = 'live') AS checkpoints
    FROM control.read_model_generation g`;

const undefinedTable = '42P01';

/** @throws FulltapeError STORE_UNAVAILABLE while no generation has been built yet. */
export const readLiveTables = async (pool: Pool): Promise<LiveTables> => {
  const rows = await pool.query<LiveRow>(liveQuery).then(
    (result) => result.rows,
    (error: unknown) => {
      if ((error as { code?: string }).code === undefinedTable) return [];
      throw error;
    },
  );
  const row = rows[0];
  if (row === undefined) throw new FulltapeError('STORE_UNAVAILABLE', { store: 'read models', reason: 'no generation has been built yet' });
  const models = new Map(Object.entries(row.models));
  const checkpoints = new Map<string, ModelCheckpoint>();
  for (const checkpoint of row.checkpoints ?? []) {
    const model = models.get(checkpoint.model);
    if (model === undefined || model.builtIn !== checkpoint.builtIn) continue;
    checkpoints.set(checkpoint.model, {
      source: model.source,
      streamSequence: BigInt(checkpoint.streamSequence),
      commandNumber: BigInt(checkpoint.commandNumber),
    });
  }
  return { generation: row.generation, models, checkpoints };
};

/** Physical name of a table. @throws FulltapeError UNKNOWN_READ_MODEL */
export const tableOf = (live: LiveTables, model: ReadModelName, table: string = model): string => {
  const name = live.models.get(model)?.tables[table];
  if (name === undefined) throw new FulltapeError('UNKNOWN_READ_MODEL', { model, table });
  return name;
};

/** Least position of the models: everything up to it is in all of them. */
export const positionOf = (live: LiveTables, models: readonly string[], shard: number): Position => {
  let tape: bigint | null = null;
  let events: bigint | null = null;
  for (const model of models) {
    const checkpoint = live.checkpoints.get(model);
    const source = live.models.get(model)?.source;
    if (source === 'events') {
      const sequence = checkpoint?.streamSequence ?? 0n;
      events = events === null || sequence < events ? sequence : events;
    } else {
      const commandNumber = checkpoint?.commandNumber ?? 0n;
      tape = tape === null || commandNumber < tape ? commandNumber : tape;
    }
  }
  return { tape: tape === null ? new Map() : new Map([[shard, { commandNumber: tape, recordIndex: 0 }]]), events };
};

/** Whether every model of the right source has reached the position. */
export const hasReached = (live: LiveTables, models: readonly string[], position: Position): boolean =>
  models.every((name) => {
    const model = live.models.get(name);
    const checkpoint = live.checkpoints.get(name);
    if (model === undefined) return false;
    if (model.source === 'events') return position.events === null || (checkpoint?.streamSequence ?? 0n) >= position.events;
    for (const wanted of position.tape.values()) if ((checkpoint?.commandNumber ?? 0n) < wanted.commandNumber) return false;
    return true;
  });
