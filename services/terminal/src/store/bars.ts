import type { CandleAnswer } from '../api/answers.js';
import { lotsOf, ticksOf, type Instrument, type PriceTicks, type QuantityLots } from '../model/values.js';
import type { TradePrint } from './tape.js';

/** Timeframes of the API, and one of five seconds that the page builds from trades: a young market has no minutes to show yet. */
export const timeframes = ['S5', 'M1', 'M5', 'M15', 'H1', 'H4', 'D1'] as const;
export type Timeframe = (typeof timeframes)[number];

export const isTimeframe = (value: string): value is Timeframe => timeframes.some((timeframe) => timeframe === value);

const barSeconds = 5;
const barsMax = 2_000;

export interface Bar {
  /** UNIX seconds of the opening. */
  readonly openSeconds: number;
  readonly open: PriceTicks;
  readonly high: PriceTicks;
  readonly low: PriceTicks;
  readonly close: PriceTicks;
  readonly volumeLots: QuantityLots;
}

export interface BarsState {
  /** Raised when the series was replaced rather than continued: a chart then starts afresh. */
  readonly generation: number;
  /** Oldest first. */
  readonly bars: readonly Bar[];
}

export const emptyBars: BarsState = { generation: 0, bars: [] };

export const replaceBars = (state: BarsState, bars: readonly Bar[]): BarsState => ({
  generation: state.generation + 1,
  bars: [...bars].sort((a, b) => a.openSeconds - b.openSeconds).slice(-barsMax),
});

/** The newest bar is replaced or followed; an older one is corrected in place. */
export const upsertBar = (state: BarsState, bar: Bar): BarsState => {
  const last = state.bars.at(-1);
  if (last === undefined || bar.openSeconds > last.openSeconds)
    return { ...state, bars: [...state.bars.slice(state.bars.length >= barsMax ? 1 : 0), bar] };
  if (bar.openSeconds === last.openSeconds) return { ...state, bars: [...state.bars.slice(0, -1), bar] };
  return replaceBars(state, [...state.bars.filter(({ openSeconds }) => openSeconds !== bar.openSeconds), bar]);
};

export const barOfCandle = (candle: CandleAnswer, instrument: Instrument): Bar => ({
  openSeconds: Math.floor(Date.parse(candle.openTime) / 1000),
  open: ticksOf(candle.open, instrument),
  high: ticksOf(candle.high, instrument),
  low: ticksOf(candle.low, instrument),
  close: ticksOf(candle.close, instrument),
  volumeLots: lotsOf(candle.volume, instrument),
});

const openingOf = (trade: TradePrint): number => Math.floor(Date.parse(trade.executedAt) / 1000 / barSeconds) * barSeconds;

/** Adds one trade to the five-second bars. A trade of an older bar than the newest is counted in its own bar if that is still held. */
export const addTradeToBars = (state: BarsState, trade: TradePrint): BarsState => {
  const openSeconds = openingOf(trade);
  const { priceTicks, quantityLots } = trade;
  const bar = state.bars.findLast((candidate) => candidate.openSeconds === openSeconds);
  if (bar === undefined)
    return upsertBar(state, {
      openSeconds,
      open: priceTicks,
      high: priceTicks,
      low: priceTicks,
      close: priceTicks,
      volumeLots: quantityLots,
    });
  return upsertBar(state, {
    ...bar,
    high: priceTicks > bar.high ? priceTicks : bar.high,
    low: priceTicks < bar.low ? priceTicks : bar.low,
    close: priceTicks,
    volumeLots: (bar.volumeLots + quantityLots) as QuantityLots,
  });
};

/** Five-second bars of past trades, oldest first; bars that reach further back than they do are kept, the first of them may be cut. */
export const barsOfTrades = (state: BarsState, oldestFirst: readonly TradePrint[]): BarsState => {
  const bars = new Map<number, Bar>();
  for (const trade of oldestFirst) {
    const openSeconds = openingOf(trade);
    const held = bars.get(openSeconds);
    const [bar] = addTradeToBars({ generation: 0, bars: held === undefined ? [] : [held] }, trade).bars;
    if (bar !== undefined) bars.set(openSeconds, bar);
  }
  const [first] = oldestFirst;
  if (first === undefined) return state;
  for (const bar of state.bars) if (bar.openSeconds <= openingOf(first)) bars.set(bar.openSeconds, bar);
  return replaceBars(state, [...bars.values()]);
};
