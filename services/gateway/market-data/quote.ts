import { formatScaled } from '#contracts/money/decimal.js';
import { formatPrice, formatQuantity } from '#contracts/money/instrument-scale.js';
import { nanosToIso } from '#contracts/time/clock.js';
import type { InstrumentRow } from '#platform/read-side/index.js';
import type { Quote } from '../graphql.generated.js';
import { tradingPhaseNames, tradingStateNames } from '../graphql/enum-names.js';
import type { InstrumentMarket } from '../live/instrument-market.js';

/** Where quotes come from: the books of the live feed and the position that they show. */
export interface QuoteSource {
  market(instrumentId: number): InstrumentMarket | undefined;
  readonly engineTimeNanos: bigint;
  position(): string;
}

/** Percent with two decimals, half away from zero. */
const percentOf = (change: bigint, base: bigint): string | null => {
  if (base <= 0n) return null;
  const magnitude = change < 0n ? -change : change;
  const hundredths = (magnitude * 20_000n + base) / (2n * base);
  return formatScaled(change < 0n ? -hundredths : hundredths, 2);
};

/**
 * The quote of an instrument from the live book and the day's trades (UTC day of engine time). `change` is against the close of the
 * last day that it traded on; on its first day, against the day's open.
 */
export const quoteOf = (instrument: InstrumentRow, source: QuoteSource): Quote | null => {
  const market = source.market(instrument.instrumentId);
  if (market === undefined) return null;
  const { scale } = instrument;
  const price = (ticks: bigint | null | undefined): string | null =>
    ticks === null || ticks === undefined ? null : formatPrice(ticks, scale);
  const quantity = (lots: bigint | null | undefined): string | null =>
    lots === null || lots === undefined ? null : formatQuantity(lots, scale);
  const bid = market.book.bids[0];
  const ask = market.book.asks[0];
  const nowNanos = source.engineTimeNanos > market.changedAtNanos ? source.engineTimeNanos : market.changedAtNanos;
  const day = market.day(Number(nowNanos / 1_000_000_000n));
  const last = market.lastTrade?.priceTicks ?? null;
  const base = market.previousCloseTicks ?? day?.openTicks ?? null;
  const change = last === null || base === null ? null : last - base;
  return {
    symbol: instrument.symbol,
    bidPrice: price(bid?.priceTicks),
    bidQuantity: quantity(bid?.quantityLots),
    askPrice: price(ask?.priceTicks),
    askQuantity: quantity(ask?.quantityLots),
    lastPrice: price(last),
    lastQuantity: quantity(market.lastTrade?.quantityLots),
    open: price(day?.openTicks),
    high: price(day?.highTicks),
    low: price(day?.lowTicks),
    volume: quantity(day?.volumeLots),
    previousClose: price(market.previousCloseTicks),
    change: price(change),
    changePercent: change === null || base === null ? null : percentOf(change, base),
    tradingState: market.state === null ? null : tradingStateNames[market.state.tradingState],
    phase: market.state?.phase == null ? null : tradingPhaseNames[market.state.phase],
    indicativePrice: price(market.state?.indicativePriceTicks),
    indicativeQuantity: market.state?.indicativePriceTicks == null ? null : quantity(market.state.indicativeQuantityLots),
    imbalance: market.state?.indicativePriceTicks == null ? null : quantity(market.state.imbalanceLots),
    at: nanosToIso(market.changedAtNanos),
    position: source.position(),
  };
};
