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
  readonly timeNanos: bigint;
  readonly commandNumber: bigint;
  readonly recordIndex: number;
}

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
