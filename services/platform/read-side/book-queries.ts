import type { Pool } from 'pg';
import { FulltapeError } from '#contracts/result/result.js';
import { SideName } from '#contracts/tape/codes.generated.js';
import type { LiveTables, ReadModelName } from './live-tables.js';
import type { BookLevelRow, BookSnapshot, BookSnapshots } from './rows.js';

interface HeadColumns {
  instrumentId: bigint;
  bookSequence: bigint;
  lastTradeId: bigint | null;
  lastPriceTicks: bigint | null;
  lastQuantityLots: bigint | null;
  lastTradeAt: string | null;
  referencePriceTicks: bigint | null;
}

interface LevelColumns {
  instrumentId: bigint;
  side: number;
  priceTicks: bigint;
  quantityLots: bigint;
  orderCount: bigint;
}

const levelOf = (row: LevelColumns): BookLevelRow => {
  const side = SideName[row.side];
  if (side === undefined) throw new FulltapeError('INTERNAL', { fault: `book level of side ${row.side}` });
  return { side, priceTicks: row.priceTicks, quantityLots: row.quantityLots, orderCount: Number(row.orderCount) };
};

/**
 * Books with the tape position that they show, read in one transaction: whoever follows the tape behind that position
 * misses nothing and applies nothing twice.
 */
export const readBooks = async (
  pool: Pool,
  live: LiveTables,
  table: (model: ReadModelName, table?: string) => string,
  shard: number,
  instrumentId: number | null,
): Promise<BookSnapshots> => {
  const client = await pool.connect();
  let fault: Error | undefined;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const checkpoint = await client.query<{ streamSequence: bigint; commandNumber: bigint }>(
      `SELECT stream_sequence AS "streamSequence", command_number AS "commandNumber" FROM control.read_model_checkpoints WHERE model = 'book' AND built_in = $1`,
      [live.models.get('book')?.builtIn ?? '0'],
    );
    const heads = await client.query<HeadColumns>(
      `SELECT instrument_id AS "instrumentId", book_sequence AS "bookSequence", last_trade_id AS "lastTradeId", last_price_ticks AS "lastPriceTicks",
              last_quantity_lots AS "lastQuantityLots", last_trade_at AS "lastTradeAt", reference_price_ticks AS "referencePriceTicks"
         FROM ${table('book', 'book_heads')} WHERE $1::int8 IS NULL OR instrument_id = $1 ORDER BY instrument_id`,
      [instrumentId],
    );
    const levels = await client.query<LevelColumns>(
      `SELECT instrument_id AS "instrumentId", side, price_ticks AS "priceTicks", quantity_lots AS "quantityLots", order_count AS "orderCount"
         FROM ${table('book', 'book_levels')} WHERE $1::int8 IS NULL OR instrument_id = $1 ORDER BY instrument_id, side, price_ticks`,
      [instrumentId],
    );
    await client.query('COMMIT');
    const books = heads.rows.map((head): BookSnapshot => {
      const own = levels.rows.filter((level) => level.instrumentId === head.instrumentId).map(levelOf);
      return {
        ...head,
        instrumentId: Number(head.instrumentId),
        bids: own.filter((level) => level.side === 'Buy').reverse(),
        asks: own.filter((level) => level.side === 'Sell'),
      };
    });
    const at = checkpoint.rows[0];
    return { checkpoint: { shard, streamSequence: at?.streamSequence ?? 0n, commandNumber: at?.commandNumber ?? 0n }, books };
  } catch (error) {
    fault = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.release(fault);
  }
};
