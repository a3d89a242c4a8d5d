import type { ClickHouseClient } from '@clickhouse/client';
import type { Pool } from 'pg';
import type { Position } from '#contracts/position/position.js';
import { readBooks } from './book-queries.js';
import { HistoryQueries } from './history-queries.js';
import { positionOf, tableOf, type LiveTables, type ReadModelName } from './live-tables.js';
import { ReferenceQueries } from './reference-queries.js';
import { RiskRuleQueries } from './risk-rule-queries.js';
import type { BookSnapshot, BookSnapshots } from './rows.js';
import { TradingQueries } from './trading-queries.js';

export interface Stores {
  readonly pool: Pool;
  readonly clickhouse: ClickHouseClient;
  readonly shard: number;
}

/** The read models of one generation. One request takes one snapshot and uses it everywhere. */
export class ReadSnapshot {
  /** Orders, executions, positions, balances. */
  readonly trading: TradingQueries;
  /** Instruments, accounts, portfolios. */
  readonly reference: ReferenceQueries;
  /** Limits, restricted list and circuit breakers in force. */
  readonly riskRules: RiskRuleQueries;
  /** Candles, trades, order events. */
  readonly history: HistoryQueries;

  constructor(
    private readonly stores: Stores,
    readonly live: LiveTables,
  ) {
    const table = (model: ReadModelName, name?: string): string => this.table(model, name);
    this.trading = new TradingQueries(stores.pool, table);
    this.reference = new ReferenceQueries(stores.pool, table);
    this.riskRules = new RiskRuleQueries(stores.pool, table);
    this.history = new HistoryQueries(stores.clickhouse, table);
  }

  get generation(): bigint {
    return this.live.generation;
  }

  /** Physical name of a table. @throws FulltapeError UNKNOWN_READ_MODEL */
  table(model: ReadModelName, name?: string): string {
    return tableOf(this.live, model, name ?? tableNames[model] ?? model);
  }

  /** Position that answers from these models show at least: the least of them when the snapshot was taken. */
  position(models: readonly ReadModelName[]): Position {
    return positionOf(this.live, models, this.stores.shard);
  }

  allBooks(): Promise<BookSnapshots> {
    return readBooks(this.stores.pool, this.live, (model, name) => this.table(model, name), this.stores.shard, null);
  }

  /** One book, or null for an instrument that the tape does not define, with the tape position that it shows. */
  async bookSnapshot(
    instrumentId: number,
  ): Promise<{ readonly checkpoint: BookSnapshots['checkpoint']; readonly book: BookSnapshot | null }> {
    const { checkpoint, books } = await readBooks(
      this.stores.pool,
      this.live,
      (model, name) => this.table(model, name),
      this.stores.shard,
      instrumentId,
    );
    return { checkpoint, book: books[0] ?? null };
  }
}

/** Tables of models whose only table is not named like the model. */
const tableNames: Readonly<Partial<Record<ReadModelName, string>>> = {
  'account-profiles': 'account_profiles',
  'order-events': 'order_events',
  'cash-entries': 'cash_entries',
};
