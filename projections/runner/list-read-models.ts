import type { CheckpointRow } from '#platform/read-side/control-tables.js';
import { countRows } from './compare-builds.js';
import { readGeneration, tablesExist, type BuildStores } from './generations.js';
import { groupOf, type ReadModel } from './read-model.js';
import type { EventContent, Source, TapeContent } from './source.js';

/** One live read model as an operator sees it. */
export interface ListedReadModel {
  readonly name: string;
  readonly version: number;
  readonly store: 'postgres' | 'clickhouse';
  readonly source: 'tape' | 'events';
  readonly generation: string;
  readonly state: 'live' | 'missing';
  readonly streamSequence: string;
  readonly commandNumber: string;
  /** Messages of the source behind the checkpoint. */
  readonly lag: string;
  readonly updatedAt: string | null;
  /** Rows by table; null where tables are missing. */
  readonly rows: Readonly<Record<string, number>> | null;
}

type Checkpoint = Pick<CheckpointRow, 'model'> & {
  readonly streamSequence: bigint;
  readonly commandNumber: bigint;
  readonly updatedAt: string;
};

export const listReadModels = async (options: {
  readonly stores: BuildStores;
  readonly models: readonly ReadModel[];
  readonly tape: Source<TapeContent>;
  readonly events: Source<EventContent>;
}): Promise<readonly ListedReadModel[]> => {
  const { stores } = options;
  const generation = await readGeneration(stores.pool);
  const checkpoints = await stores.pool.query<Checkpoint>(
    `SELECT model, stream_sequence AS "streamSequence", command_number AS "commandNumber", updated_at AS "updatedAt"
       FROM control.read_model_checkpoints WHERE state = 'live'`,
  );
  // The reference mark is read from the source itself: lag against a mark that has stopped would look healthy.
  const heads = { tape: await options.tape.head(), events: await options.events.head() };
  const listed: ListedReadModel[] = [];
  for (const model of options.models) {
    const live = generation?.models[model.name];
    const checkpoint = checkpoints.rows.find(({ model: name }) => name === model.name);
    const build = live === undefined ? null : { model, builtIn: BigInt(live.builtIn), tables: live.tables };
    const present = build !== null && (await tablesExist(stores, build));
    const at = checkpoint?.streamSequence ?? 0n;
    listed.push({
      name: model.name,
      version: live?.version ?? model.version,
      store: model.store,
      source: model.source,
      generation: live?.builtIn ?? '0',
      state: present ? 'live' : 'missing',
      streamSequence: String(at),
      commandNumber: String(checkpoint?.commandNumber ?? 0n),
      lag: String(heads[groupOf(model) === 'postgres-events' ? 'events' : 'tape'] - at),
      updatedAt: checkpoint?.updatedAt ?? null,
      rows: present ? await countRows(stores, build) : null,
    });
  }
  return listed;
};
