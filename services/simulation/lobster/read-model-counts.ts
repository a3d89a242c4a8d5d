import { openPostgresPool } from '#platform/read-side/postgres-pool.js';
import { clickHouseClient } from '#platform/clickhouse/client.js';
import { ReadSide, type ReadSideOptions } from '#platform/read-side/index.js';
import { tapePosition } from '#contracts/position/position.js';
import { parseDecimal } from '#contracts/money/decimal.js';
import { FulltapeError, unwrap } from '#contracts/result/result.js';
import { replayShard } from './command-sender.js';

/** What the read models hold of one replay's instrument. */
export interface ReadModelCounts {
  /** Trades in the Postgres read model `executions`, which has one row per side. */
  readonly tradesInPostgres: number;
  /** Sum of the quantities in the ClickHouse read model `trades`. */
  readonly sharesInClickHouse: bigint;
}

/** The read models may be this long behind the tape; rebuilding a day takes seconds. */
const projectionWaitMs = 180_000;

/** Waits until both models have reached the command, then counts in their own stores. @throws FulltapeError PROJECTION_LAG, STORE_UNAVAILABLE */
export const countInReadModels = async (
  stores: ReadSideOptions,
  replay: { readonly instrumentId: number; readonly lastCommandNumber: bigint; readonly signal: AbortSignal },
): Promise<ReadModelCounts> => {
  const readSide = ReadSide.open(stores);
  const pool = openPostgresPool({ ...stores.postgres, poolMax: 1, applicationName: 'fulltape-replay' });
  const clickhouse = clickHouseClient(stores.clickhouse, 'replay');
  try {
    const position = tapePosition(replayShard, replay.lastCommandNumber);
    const reached = await readSide.waitFor(position, ['executions', 'trades'], projectionWaitMs, replay.signal);
    if (!reached.ok) throw new FulltapeError(reached.problem.code, reached.problem.details);
    const snapshot = await readSide.snapshot();
    const inPostgres = await pool.query<{ trades: string }>(
      `SELECT count(DISTINCT trade_id)::text AS trades FROM ${snapshot.table('executions')} WHERE instrument_id = $1`,
      [replay.instrumentId],
    );
    const inClickHouse = await clickhouse.query({
      query: `SELECT toString(sum(quantity)) AS shares FROM ${snapshot.table('trades')} WHERE instrument_id = {instrumentId: UInt32}`,
      query_params: { instrumentId: replay.instrumentId },
      format: 'JSONEachRow',
    });
    const [row] = await inClickHouse.json<{ shares: string }>();
    const shares = unwrap(parseDecimal(row?.shares ?? '0'));
    if (shares.exponent !== 0) throw new FulltapeError('READ_MODELS_DIFFER', { model: 'trades', shares: row?.shares ?? '' });
    return { tradesInPostgres: Number(inPostgres.rows[0]?.trades ?? 0), sharesInClickHouse: shares.mantissa };
  } finally {
    await Promise.all([readSide.close(), pool.end(), clickhouse.close()]);
  }
};
