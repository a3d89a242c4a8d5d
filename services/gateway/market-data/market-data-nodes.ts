import { formatPrice, formatQuantity } from '#contracts/money/instrument-scale.js';
import { formatPosition, tapePosition } from '#contracts/position/position.js';
import { nanosToIso } from '#contracts/time/clock.js';
import { SideName, TradeKindName } from '#contracts/tape/codes.generated.js';
import { timeframeSeconds, type CandleRow, type InstrumentRow, type TradeRow } from '#platform/read-side/index.js';
import type { BookLevel, Candle, Timeframe, Trade } from '../graphql.generated.js';
import { sideNames, timeframeNames, tradeKindNames } from '../graphql/enum-names.js';
import type { PublicTrade } from '../live/instrument-market.js';
import type { LiveLevel } from '../live/live-book.js';
import type { Bar } from '../live/live-candles.js';

export const levelNodeOf = (level: LiveLevel, { scale }: InstrumentRow): BookLevel => ({
  price: formatPrice(level.priceTicks, scale),
  quantity: formatQuantity(level.quantityLots, scale),
  orderCount: level.orderCount,
});

export const tradeNodeOfRow = (row: TradeRow): Trade => ({
  tradeId: row.tradeId.toString(),
  symbol: row.symbol,
  price: row.price,
  quantity: row.quantity,
  aggressorSide: row.aggressorSide === null ? null : sideNames[row.aggressorSide],
  tradeKind: tradeKindNames[row.tradeKind],
  executedAt: row.tradeTime,
  position: formatPosition(tapePosition(0, row.commandNumber, row.recordIndex + 1)),
});

export const tradeNodeOf = (trade: PublicTrade, { symbol, scale }: InstrumentRow): Trade => {
  const side = SideName[trade.aggressorSide];
  return {
    tradeId: trade.tradeId.toString(),
    symbol,
    price: formatPrice(trade.priceTicks, scale),
    quantity: formatQuantity(trade.quantityLots, scale),
    aggressorSide: side === undefined ? null : sideNames[side],
    tradeKind: tradeKindNames[TradeKindName[trade.tradeKind] ?? 'Continuous'],
    executedAt: nanosToIso(trade.timeNanos),
    position: formatPosition(tapePosition(0, trade.commandNumber, trade.recordIndex + 1)),
  };
};

/** A bar is closed when engine time has passed its end. */
const isClosed = (openSeconds: number, timeframe: Timeframe, engineTimeNanos: bigint): boolean =>
  BigInt(openSeconds + timeframeSeconds[timeframeNames[timeframe]]) * 1_000_000_000n <= engineTimeNanos;

export const candleNodeOfRow = (row: CandleRow, symbol: string, timeframe: Timeframe, engineTimeNanos: bigint): Candle => ({
  ...row,
  symbol,
  timeframe,
  tradeCount: row.tradeCount.toString(),
  closed: isClosed(Math.floor(Date.parse(row.openTime) / 1_000), timeframe, engineTimeNanos),
});

export const candleNodeOf = (bar: Bar, { symbol, scale }: InstrumentRow, timeframe: Timeframe, closed: boolean): Candle => ({
  symbol,
  timeframe,
  openTime: nanosToIso(BigInt(bar.openSeconds) * 1_000_000_000n),
  open: formatPrice(bar.openTicks, scale),
  high: formatPrice(bar.highTicks, scale),
  low: formatPrice(bar.lowTicks, scale),
  close: formatPrice(bar.closeTicks, scale),
  volume: formatQuantity(bar.volumeLots, scale),
  tradeCount: bar.tradeCount.toString(),
  closed,
});
