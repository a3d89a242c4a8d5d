import type { QuoteAnswer } from '../api/answers.js';
import { basisPointsOf } from '../model/format.js';
import { lotsOf, ticksOf, type Instrument, type PriceTicks, type QuantityLots } from '../model/values.js';

export interface Quote {
  readonly bid: PriceTicks | null;
  readonly ask: PriceTicks | null;
  readonly last: PriceTicks | null;
  readonly high: PriceTicks | null;
  readonly low: PriceTicks | null;
  readonly volumeLots: QuantityLots | null;
  /** Against the previous close; on a first day against the opening price. */
  readonly changeTicks: bigint | null;
  readonly changeBasisPoints: bigint | null;
  /** Direction of the last change of `last`, and how often it changed: drives the flash. */
  readonly direction: 'up' | 'down' | null;
  readonly changes: number;
  /** Recent last prices, oldest first. */
  readonly trail: readonly PriceTicks[];
  readonly tradingState: string | null;
  readonly phase: string | null;
  /** What an auction would do now; null while none collects. */
  readonly auction: { readonly priceTicks: PriceTicks; readonly lots: QuantityLots; readonly imbalanceLots: QuantityLots } | null;
  readonly at: string;
}

const trailMax = 48;

const auctionOf = ({ indicativePrice, indicativeQuantity, imbalance }: QuoteAnswer, instrument: Instrument): Quote['auction'] =>
  indicativePrice === null
    ? null
    : {
        priceTicks: ticksOf(indicativePrice, instrument),
        lots: lotsOf(indicativeQuantity ?? '0', instrument),
        imbalanceLots: lotsOf(imbalance ?? '0', instrument),
      };

export const applyQuote = (previous: Quote | undefined, answer: QuoteAnswer, instrument: Instrument): Quote => {
  const ticks = (text: string | null): PriceTicks | null => (text === null ? null : ticksOf(text, instrument));
  const last = ticks(answer.lastPrice);
  const base = ticks(answer.previousClose) ?? ticks(answer.open);
  const moved = last !== null && last !== (previous?.last ?? null);
  const before = previous?.last ?? null;
  return {
    bid: ticks(answer.bidPrice),
    ask: ticks(answer.askPrice),
    last,
    high: ticks(answer.high),
    low: ticks(answer.low),
    volumeLots: answer.volume === null ? null : lotsOf(answer.volume, instrument),
    changeTicks: last === null || base === null ? null : last - base,
    changeBasisPoints: last === null || base === null ? null : basisPointsOf(last, base),
    direction: moved && before !== null && last !== null ? (last > before ? 'up' : 'down') : (previous?.direction ?? null),
    changes: (previous?.changes ?? 0) + (moved ? 1 : 0),
    trail: moved && last !== null ? [...(previous?.trail ?? []), last].slice(-trailMax) : (previous?.trail ?? []),
    tradingState: answer.tradingState,
    phase: answer.phase,
    auction: auctionOf(answer, instrument),
    at: answer.at,
  };
};
