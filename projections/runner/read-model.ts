import type { RecordedEvent } from '#contracts/ports/event-store.js';
import type { ReadModelName } from '#platform/read-side/live-tables.js';
import type { ReportKind, TapeBatch } from './tape-batch.js';

/** Physical name of one of the model's tables. */
export type TableName = (table: string) => string;

export interface EventBatch {
  readonly appends: readonly (readonly RecordedEvent[])[];
}

/** A statement of the group's transaction. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Rows for one ClickHouse table, encoded as RowBinary in the order of `columns`. */
export interface RowBlock {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly bytes: Uint8Array;
}

export interface TableDefinition {
  readonly name: string;
  /** DDL of the table and its indexes under the physical name. */
  create(physical: string): readonly string[];
  /** Query whose rows are the table's whole content as strings: what a rebuild compares. */
  readonly content?: (physical: string) => string;
}

interface ReadModelBase {
  readonly name: ReadModelName;
  /** Raise it when tables or meaning change: the runner fills new tables beside the old ones and switches when they have caught up. */
  readonly version: number;
  readonly tables: readonly TableDefinition[];
}

/** Rows and checkpoint are stored in one transaction, so `apply` may add to what is there. */
export interface PostgresTapeModel extends ReadModelBase {
  readonly store: 'postgres';
  readonly source: 'tape';
  readonly reads: readonly ReportKind[];
  apply(batch: TapeBatch, table: TableName): readonly Statement[];
}

export interface PostgresEventModel extends ReadModelBase {
  readonly store: 'postgres';
  readonly source: 'events';
  apply(batch: EventBatch, table: TableName): readonly Statement[];
}

/** Rows only ever append; the same range gives the same bytes, so a repeated insert is recognised by its token. */
export interface ClickHouseTapeModel extends ReadModelBase {
  readonly store: 'clickhouse';
  readonly source: 'tape';
  readonly reads: readonly ReportKind[];
  apply(batch: TapeBatch, table: TableName): readonly RowBlock[];
}

export type ReadModel = PostgresTapeModel | PostgresEventModel | ClickHouseTapeModel;

/** Read models that share a store and a source share their position and, in Postgres, one transaction. */
export type GroupName = 'postgres-tape' | 'postgres-events' | 'clickhouse-tape';

export const groupOf = (model: ReadModel): GroupName => (model.store === 'clickhouse' ? 'clickhouse-tape' : `postgres-${model.source}`);
