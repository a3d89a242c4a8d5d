import { decimalToSteps, parseDecimal } from '#contracts/money/decimal.js';
import { TradingPhaseName, TradingStateName } from '#contracts/tape/codes.generated.js';
import type { ReportRecordInstrumentState } from '#contracts/tape/layout.generated.js';
import type { InstrumentRow } from '#platform/read-side/index.js';
import type { Bar, BarChange } from './live-candles.js';
import { LiveCandles } from './live-candles.js';
import { LiveBook } from './live-book.js';

/** A trade as the public sees it. */
export interface PublicTrade {
  readonly tradeId: bigint;
  readonly instrumentId: number;
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  /** Side of the tape; 0 in an auction. */
  readonly aggressorSide: number;
  /** TradeKind of the tape. */
  readonly tradeKind: number;
  readonly timeNanos: bigint;
  readonly commandNumber: bigint;
  readonly recordIndex: number;
}

/** What may be traded now, and what an auction would do. */
export interface MarketState {
  readonly tradingState: TradingStateName;
  readonly phase: TradingPhaseName | null;
  /** Null while no auction collects, and while it would not trade. */
  readonly indicativePriceTicks: bigint | null;
  readonly indicativeQuantityLots: bigint;
  readonly imbalanceLots: bigint;
}

export const marketStateOf = (record: ReportRecordInstrumentState): MarketState => ({
  tradingState: TradingStateName[record.state] ?? 'Halted',
  phase: TradingPhaseName[record.phase] ?? null,
  indicativePriceTicks: record.indicativePriceTicks === 0n ? null : record.indicativePriceTicks,
  indicativeQuantityLots: record.indicativeQuantityLots,
  imbalanceLots: record.imbalanceLots,
});

const stepsOf = (text: string | null, mantissa: bigint, exponent: number): bigint | null => {
  const decimal = text === null ? null : parseDecimal(text);
  return decimal?.ok === true ? decimalToSteps(decimal.value, mantissa, exponent) : null;
};

/** The state that the read models hold. */
export const marketStateOfRow = ({
  tradingState,
  phase,
  indicativePrice,
  indicativeQuantity,
  imbalance,
  scale,
}: InstrumentRow): MarketState => ({
  tradingState,
  phase,
  indicativePriceTicks: stepsOf(indicativePrice, scale.tickMantissa, scale.tickExponent),
  indicativeQuantityLots: stepsOf(indicativeQuantity, scale.lotMantissa, scale.lotExponent) ?? 0n,
  imbalanceLots: stepsOf(imbalance, scale.lotMantissa, scale.lotExponent) ?? 0n,
});

/** What is known of the last trade; a trade from before the feed began has its price alone. */
export interface LastTrade {
  readonly priceTicks: bigint;
  readonly quantityLots: bigint | null;
}

/** The public market of one instrument: book, last trade, current bars. */
export class InstrumentMarket {
  readonly candles = new LiveCandles();
  book = new LiveBook();
  lastTrade: LastTrade | null = null;
  lastTradeId = 0n;
  /** Null until it is known. */
  state: MarketState | null = null;
  /** Close of the last day before this one on which it traded. */
  previousCloseTicks: bigint | null = null;
  /** Engine time of the last change. */
  changedAtNanos = 0n;

  constructor(readonly instrumentId: number) {}

  /** The bar of the current UTC day, if there was a trade. */
  day(nowSeconds: number): Bar | undefined {
    const bar = this.candles.current('1d');
    return bar !== undefined && bar.openSeconds === nowSeconds - (nowSeconds % 86_400) ? bar : undefined;
  }

  /** A trade that the feed has seen already (by id) changes nothing. */
  applyTrade(trade: PublicTrade): readonly BarChange[] {
    if (trade.tradeId <= this.lastTradeId) return [];
    const before = this.candles.current('1d');
    const changes = this.candles.addTrade(trade.timeNanos, trade.priceTicks, trade.quantityLots);
    const day = this.candles.current('1d');
    if (before !== undefined && day !== undefined && day.openSeconds > before.openSeconds) this.previousCloseTicks = before.closeTicks;
    this.lastTradeId = trade.tradeId;
    this.lastTrade = { priceTicks: trade.priceTicks, quantityLots: trade.quantityLots };
    this.changedAtNanos = trade.timeNanos;
    return changes;
  }
}
