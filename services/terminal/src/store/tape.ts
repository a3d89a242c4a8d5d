import type { TradeAnswer } from '../api/answers.js';
import { lotsOf, ticksOf, type Instrument, type PriceTicks, type QuantityLots, type Side } from '../model/values.js';

export interface TradePrint {
  readonly tradeId: string;
  readonly priceTicks: PriceTicks;
  readonly quantityLots: QuantityLots;
  readonly aggressorSide: Side | null;
  readonly executedAt: string;
}

/** Newest first; as many as a screen can show. */
export type TapeState = readonly TradePrint[];

const printsMax = 80;

export const printOf = (trade: TradeAnswer, instrument: Instrument): TradePrint => ({
  tradeId: trade.tradeId,
  priceTicks: ticksOf(trade.price, instrument),
  quantityLots: lotsOf(trade.quantity, instrument),
  aggressorSide: trade.aggressorSide,
  executedAt: trade.executedAt,
});

export const newestFirst = (prints: readonly TradePrint[]): TapeState =>
  [...prints].sort((a, b) => (a.executedAt < b.executedAt ? 1 : a.executedAt > b.executedAt ? -1 : 0)).slice(0, printsMax);

/** A print that is already there (history and stream overlap) changes nothing. */
export const addPrint = (state: TapeState, print: TradePrint): TapeState =>
  state.some(({ tradeId }) => tradeId === print.tradeId) ? state : [print, ...state].slice(0, printsMax);
