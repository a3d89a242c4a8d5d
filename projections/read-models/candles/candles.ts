import { timeframeSeconds } from '#platform/read-side/rows.js';
import type { InstrumentTerms } from '../../runner/instrument-registry.js';
import type { ClickHouseTapeModel } from '../../runner/read-model.js';
import { RowBinaryWriter } from '../../runner/row-binary.js';
import { termsOfEffect } from '../../runner/tape-batch.js';

/** One end of a candle: the price of the trade that is first or last by time, then by trade id. */
interface End {
  readonly nanos: bigint;
  readonly tradeId: bigint;
  readonly priceTicks: bigint;
}

interface PartialCandle {
  readonly terms: InstrumentTerms;
  readonly seconds: number;
  readonly openSeconds: number;
  open: End;
  close: End;
  highTicks: bigint;
  lowTicks: bigint;
  volumeLots: bigint;
  tradeCount: bigint;
}

const isBefore = (a: End, b: End): boolean => a.nanos < b.nanos || (a.nanos === b.nanos && a.tradeId < b.tradeId);

const add = (candle: PartialCandle, end: End, quantityLots: bigint): void => {
  if (isBefore(end, candle.open)) candle.open = end;
  if (isBefore(candle.close, end)) candle.close = end;
  if (end.priceTicks > candle.highTicks) candle.highTicks = end.priceTicks;
  if (end.priceTicks < candle.lowTicks) candle.lowTicks = end.priceTicks;
  candle.volumeLots += quantityLots;
  candle.tradeCount += 1n;
};

const write = (writer: RowBinaryWriter, candle: PartialCandle): void => {
  const { instrumentId, symbol, scale } = candle.terms;
  const price = (ticks: bigint): void => void writer.decimal(ticks * scale.tickMantissa, scale.tickExponent);
  const end = ({ nanos, tradeId, priceTicks }: End): void => {
    writer.dateTime64(nanos).uint64(tradeId);
    price(priceTicks);
  };
  writer.uint32(instrumentId).text(symbol).uint32(candle.seconds).uint32(candle.openSeconds);
  end(candle.open);
  end(candle.close);
  price(candle.highTicks);
  price(candle.lowTicks);
  writer
    .decimal(candle.volumeLots * scale.lotMantissa, scale.lotExponent)
    .uint64(candle.tradeCount)
    .endRow();
};

const endType = "Tuple(DateTime64(9, 'UTC'), UInt64, Decimal(38, 18))";

const columns = [
  ['instrument_id', 'UInt32'],
  ['symbol', 'LowCardinality(String)'],
  ['timeframe', 'UInt32'],
  ['open_time', "DateTime('UTC')"],
  ['open', `SimpleAggregateFunction(min, ${endType})`],
  ['close', `SimpleAggregateFunction(max, ${endType})`],
  ['high', 'SimpleAggregateFunction(max, Decimal(38, 18))'],
  ['low', 'SimpleAggregateFunction(min, Decimal(38, 18))'],
  ['volume', 'SimpleAggregateFunction(sum, Decimal(38, 18))'],
  ['trade_count', 'SimpleAggregateFunction(sum, UInt64)'],
] as const;

/**
 * Candles of 1m, 5m, 15m, 1h, 4h and 1d. A batch adds one partial candle per span that it touches; partials merge in any order, because
 * the open is the least (time, trade id, price) and the close the greatest. Sums would count a repeated batch twice; the insert's token
 * keeps a repeated batch out. `timeframe` is in seconds.
 */
export const candles: ClickHouseTapeModel = {
  name: 'candles',
  version: 1,
  store: 'clickhouse',
  source: 'tape',
  reads: ['trade'],
  tables: [
    {
      name: 'candles',
      create: (physical) => [
        `CREATE TABLE ${physical} (${columns.map(([name, type]) => `${name} ${type}`).join(', ')})
         ENGINE = AggregatingMergeTree ORDER BY (instrument_id, timeframe, open_time, symbol)
         SETTINGS non_replicated_deduplication_window = 1000`,
      ],
      // How far partials have merged is not content.
      content: (physical) =>
        `SELECT instrument_id, symbol, timeframe, open_time, min(open) AS open, max(close) AS close, max(high) AS high, min(low) AS low,
                sum(volume) AS volume, sum(trade_count) AS trade_count
           FROM ${physical} GROUP BY instrument_id, symbol, timeframe, open_time`,
    },
  ],
  apply: (batch, table) => {
    const partials = new Map<string, PartialCandle>();
    for (const effect of batch.effects) {
      const { record } = effect;
      if (record.type !== 'trade') continue;
      const terms = termsOfEffect(effect);
      const end: End = { nanos: effect.timeNanos, tradeId: record.tradeId, priceTicks: record.priceTicks };
      const timeSeconds = Number(effect.timeNanos / 1_000_000_000n);
      for (const seconds of Object.values(timeframeSeconds)) {
        const openSeconds = timeSeconds - (timeSeconds % seconds);
        // The tick is part of the key: a definition in the middle of the batch may have changed what a tick is worth.
        const key = `${record.instrumentId}.${terms.symbol}.${terms.scale.tickMantissa}.${terms.scale.tickExponent}.${seconds}.${openSeconds}`;
        const partial = partials.get(key);
        if (partial !== undefined) add(partial, end, record.quantityLots);
        else {
          partials.set(key, {
            terms,
            seconds,
            openSeconds,
            open: end,
            close: end,
            highTicks: record.priceTicks,
            lowTicks: record.priceTicks,
            volumeLots: record.quantityLots,
            tradeCount: 1n,
          });
        }
      }
    }
    if (partials.size === 0) return [];
    const writer = new RowBinaryWriter();
    for (const partial of partials.values()) write(writer, partial);
    return [{ table: table('candles'), columns: columns.map(([name]) => name), rows: writer.rows, bytes: writer.bytes }];
  },
};
