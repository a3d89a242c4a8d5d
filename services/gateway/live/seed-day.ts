import { parsePriceTicks, parseQuantityLots } from '#contracts/money/instrument-scale.js';
import { unwrap } from '#contracts/result/result.js';
import type { CandleRow, HistoryQueries, InstrumentRow } from '#platform/read-side/index.js';
import type { InstrumentMarket } from './instrument-market.js';
import { barOpening, type Bar } from './live-candles.js';

const secondsOf = (iso: string): number => Math.floor(Date.parse(iso) / 1_000);
const nanosOf = (seconds: number): bigint => BigInt(seconds) * 1_000_000_000n;
const minutesOfDay = 24 * 60;
const tradesPerPage = 500;

const barOf = (row: CandleRow, instrument: InstrumentRow): Bar => ({
  openSeconds: secondsOf(row.openTime),
  openTicks: unwrap(parsePriceTicks(row.open, instrument.scale)),
  highTicks: unwrap(parsePriceTicks(row.high, instrument.scale)),
  lowTicks: unwrap(parsePriceTicks(row.low, instrument.scale)),
  closeTicks: unwrap(parsePriceTicks(row.close, instrument.scale)),
  volumeLots: unwrap(parseQuantityLots(row.volume, instrument.scale)),
  tradeCount: row.tradeCount,
});

/** Trades of one minute up to a trade id, oldest first. */
const tradesOfMinute = async (
  market: InstrumentMarket,
  instrument: InstrumentRow,
  history: HistoryQueries,
  minute: number,
): Promise<Bar[]> => {
  const bars: Bar[] = [];
  let after = market.lastTradeId + 1n;
  for (;;) {
    const page = await history.trades({ instrumentId: market.instrumentId, first: tradesPerPage, after });
    for (const row of page.rows) {
      const openSeconds = secondsOf(row.tradeTime);
      if (openSeconds < minute) return bars.reverse();
      const price = unwrap(parsePriceTicks(row.price, instrument.scale));
      const volumeLots = unwrap(parseQuantityLots(row.quantity, instrument.scale));
      bars.push({ openSeconds, openTicks: price, highTicks: price, lowTicks: price, closeTicks: price, volumeLots, tradeCount: 1n });
      after = row.tradeId;
    }
    if (!page.hasNextPage) return bars.reverse();
  }
};

/**
 * Brings the bars of an instrument to exactly the trade that its book shows last, so that live trades go on without a gap or a
 * double count: whole minutes before that trade come from the candles, which can only be complete, its own minute from the trades
 * up to it. The history must have reached the position of the book.
 */
export const seedDay = async (market: InstrumentMarket, instrument: InstrumentRow, history: HistoryQueries): Promise<void> => {
  if (market.lastTradeId === 0n) return;
  const newest = (await history.trades({ instrumentId: market.instrumentId, first: 1, after: market.lastTradeId + 1n })).rows[0];
  if (newest === undefined) return;
  const minute = barOpening(secondsOf(newest.tradeTime), '1m');
  const day = barOpening(minute, '1d');
  const instrumentId = market.instrumentId;
  const [minutes, daysBefore, trades] = await Promise.all([
    history.candles({ instrumentId, timeframe: '1m', limit: minutesOfDay, beforeNanos: nanosOf(minute) }),
    history.candles({ instrumentId, timeframe: '1d', limit: 1, beforeNanos: nanosOf(day) }),
    tradesOfMinute(market, instrument, history, minute),
  ]);
  const previous = daysBefore[0];
  if (previous !== undefined) market.previousCloseTicks = unwrap(parsePriceTicks(previous.close, instrument.scale));
  for (const row of minutes) {
    const bar = barOf(row, instrument);
    if (bar.openSeconds >= day) market.candles.add(bar);
  }
  for (const trade of trades) market.candles.add(trade);
};
