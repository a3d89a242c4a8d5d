import type { ClickHouseClient } from '@clickhouse/client';
import type { Pool } from 'pg';
import type { Position } from '#contracts/position/position.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';
import { clickHouseClient } from '../clickhouse/client.js';
import { hasReached, positionOf, readLiveTables, readModelNames, type LiveTables, type ReadModelName } from './live-tables.js';
import { openPostgresPool } from './postgres-pool.js';
import { ReadSnapshot } from './read-snapshot.js';

export interface ReadSideOptions {
  readonly postgres: { readonly url: string; readonly poolMax: number };
  readonly clickhouse: { readonly url: string; readonly username: string; readonly password: string; readonly database: string };
  /** Tape shard that the read models follow. */
  readonly shard?: number;
}

/** How often checkpoints are looked at while somebody waits for one; one query serves all who wait. */
const pollIntervalMs = 5;

/** Queries over the read models: never touches the write side. */
export class ReadSide {
  private polling: Promise<LiveTables> | null = null;

  private constructor(
    private readonly pool: Pool,
    private readonly clickhouse: ClickHouseClient,
    private readonly shard: number,
  ) {}

  static open(options: ReadSideOptions): ReadSide {
    const pool = openPostgresPool({ ...options.postgres, applicationName: 'fulltape-read-side' });
    return new ReadSide(pool, clickHouseClient(options.clickhouse, 'fulltape-read-side'), options.shard ?? 0);
  }

  /** Reads the generation row once. @throws FulltapeError STORE_UNAVAILABLE before the first generation is built. */
  async snapshot(): Promise<ReadSnapshot> {
    return new ReadSnapshot({ pool: this.pool, clickhouse: this.clickhouse, shard: this.shard }, await readLiveTables(this.pool));
  }

  /** Position that all live read models have reached. */
  async servedPosition(): Promise<Position> {
    return positionOf(await readLiveTables(this.pool), readModelNames, this.shard);
  }

  /** Waits until every model has reached the position in its own store; refused with PROJECTION_LAG when the time is up. */
  async waitFor(position: Position, models: readonly ReadModelName[], timeoutMs: number, signal?: AbortSignal): Promise<Result<Position>> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const live = await this.poll();
      if (hasReached(live, models, position)) return ok(positionOf(live, models, this.shard));
      signal?.throwIfAborted();
      if (Date.now() >= deadline) {
        const behind = models.filter((model) => !hasReached(live, [model], position));
        return refuse('PROJECTION_LAG', { models: behind.join(','), timeoutMs: String(timeoutMs) });
      }
      await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
    }
  }

  private poll(): Promise<LiveTables> {
    this.polling ??= readLiveTables(this.pool).finally(() => {
      this.polling = null;
    });
    return this.polling;
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.end(), this.clickhouse.close()]);
  }
}
