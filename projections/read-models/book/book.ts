import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel, Statement } from '../../runner/read-model.js';
import { timeLiteral } from '../../runner/sql-literals.js';
import type { TapeBatch, TapeEffect } from '../../runner/tape-batch.js';

interface Head {
  bookSequence: bigint | null;
  trade: { readonly id: bigint; readonly priceTicks: bigint; readonly quantityLots: bigint; readonly at: string } | null;
  referencePriceTicks: bigint | null;
  lastCommand: bigint;
}

class BookChanges {
  readonly heads = new Map<number, Head>();
  readonly levels = new Map<string, TapeEffect>();

  private head(instrumentId: number, effect: TapeEffect): Head {
    const head = this.heads.get(instrumentId) ?? { bookSequence: null, trade: null, referencePriceTicks: null, lastCommand: 0n };
    head.lastCommand = effect.command.commandNumber;
    this.heads.set(instrumentId, head);
    return head;
  }

  add(effect: TapeEffect): void {
    const { record } = effect;
    if (record.type === 'bookLevel') {
      this.levels.set(`${record.instrumentId}.${record.side}.${record.priceTicks}`, effect);
      this.head(record.instrumentId, effect).bookSequence = record.bookSequence;
    } else if (record.type === 'trade') {
      this.head(record.instrumentId, effect).trade = {
        id: record.tradeId,
        priceTicks: record.priceTicks,
        quantityLots: record.quantityLots,
        at: timeLiteral(effect.timeNanos),
      };
    } else if (record.type === 'instrumentState') {
      const head = this.head(record.instrumentId, effect);
      if (record.referencePriceTicks !== 0n) head.referencePriceTicks = record.referencePriceTicks;
    }
  }
}

const levelStatements = (levels: ReadonlyMap<string, TapeEffect>, physical: string): Statement[] => {
  const present = new ArrayColumns({
    instrument_id: 'int8',
    side: 'int2',
    price_ticks: 'int8',
    quantity_lots: 'int8',
    order_count: 'int8',
    book_sequence: 'int8',
  });
  const gone = new ArrayColumns({ instrument_id: 'int8', side: 'int2', price_ticks: 'int8' });
  for (const { record } of levels.values()) {
    if (record.type !== 'bookLevel') continue;
    const key = { instrument_id: record.instrumentId, side: record.side, price_ticks: record.priceTicks };
    if (record.quantityLots === 0n) gone.add(key);
    else present.add({ ...key, quantity_lots: record.quantityLots, order_count: record.orderCount, book_sequence: record.bookSequence });
  }
  const statements: Statement[] = [];
  if (gone.size > 0) {
    statements.push({
      text: `DELETE FROM ${physical} AS l USING ${gone.source} WHERE l.instrument_id = i.instrument_id AND l.side = i.side AND l.price_ticks = i.price_ticks`,
      values: gone.values,
    });
  }
  if (present.size > 0) statements.push(present.put(physical, ['instrument_id', 'side', 'price_ticks']));
  return statements;
};

const headStatements = (heads: ReadonlyMap<number, Head>, physical: string): Statement[] => {
  if (heads.size === 0) return [];
  const rows = new ArrayColumns({
    instrument_id: 'int8',
    book_sequence: 'int8',
    last_trade_id: 'int8',
    last_price_ticks: 'int8',
    last_quantity_lots: 'int8',
    last_trade_at: 'timestamptz',
    reference_price_ticks: 'int8',
    last_command: 'int8',
  });
  for (const [instrumentId, head] of heads) {
    rows.add({
      instrument_id: instrumentId,
      book_sequence: head.bookSequence,
      last_trade_id: head.trade?.id ?? null,
      last_price_ticks: head.trade?.priceTicks ?? null,
      last_quantity_lots: head.trade?.quantityLots ?? null,
      last_trade_at: head.trade?.at ?? null,
      reference_price_ticks: head.referencePriceTicks,
      last_command: head.lastCommand,
    });
  }
  return [
    {
      text: `INSERT INTO ${physical} AS h (instrument_id, book_sequence, last_trade_id, last_price_ticks, last_quantity_lots, last_trade_at,
                    reference_price_ticks, last_command)
             SELECT instrument_id, coalesce(book_sequence, 0), last_trade_id, last_price_ticks, last_quantity_lots, last_trade_at,
                    reference_price_ticks, last_command FROM ${rows.source}
             ON CONFLICT (instrument_id) DO UPDATE SET book_sequence = greatest(h.book_sequence, EXCLUDED.book_sequence),
               last_trade_id = coalesce(EXCLUDED.last_trade_id, h.last_trade_id), last_price_ticks = coalesce(EXCLUDED.last_price_ticks, h.last_price_ticks),
               last_quantity_lots = coalesce(EXCLUDED.last_quantity_lots, h.last_quantity_lots), last_trade_at = coalesce(EXCLUDED.last_trade_at, h.last_trade_at),
               reference_price_ticks = coalesce(EXCLUDED.reference_price_ticks, h.reference_price_ticks), last_command = EXCLUDED.last_command`,
      values: rows.values,
    },
  ];
};

/** Visible books in engine integers, so that a gateway can start from them and follow the tape. */
export const book: PostgresTapeModel = {
  name: 'book',
  version: 1,
  store: 'postgres',
  source: 'tape',
  reads: ['bookLevel', 'trade', 'instrumentState'],
  tables: [
    {
      name: 'book_levels',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           instrument_id bigint NOT NULL,
           side smallint NOT NULL,
           price_ticks bigint NOT NULL,
           quantity_lots bigint NOT NULL,
           order_count bigint NOT NULL,
           book_sequence bigint NOT NULL,
           PRIMARY KEY (instrument_id, side, price_ticks)
         ) WITH (fillfactor = 70)`,
      ],
    },
    {
      name: 'book_heads',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           instrument_id bigint PRIMARY KEY,
           book_sequence bigint NOT NULL,
           last_trade_id bigint,
           last_price_ticks bigint,
           last_quantity_lots bigint,
           last_trade_at timestamptz,
           reference_price_ticks bigint,
           last_command bigint NOT NULL
         ) WITH (fillfactor = 50)`,
      ],
    },
  ],
  apply: (batch: TapeBatch, table) => {
    const changes = new BookChanges();
    for (const effect of batch.effects) changes.add(effect);
    return [...levelStatements(changes.levels, table('book_levels')), ...headStatements(changes.heads, table('book_heads'))];
  },
};
