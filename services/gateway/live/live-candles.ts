import { timeframeSeconds, type Timeframe } from '#platform/read-side/index.js';

/** One bar in engine integers. */
export interface Bar {
  readonly openSeconds: number;
  readonly openTicks: bigint;
  readonly highTicks: bigint;
  readonly lowTicks: bigint;
  readonly closeTicks: bigint;
  readonly volumeLots: bigint;
  readonly tradeCount: bigint;
}

export const timeframes = Object.keys(timeframeSeconds) as Timeframe[];

/** Bars open on whole multiples of their length since 1970, in UTC. */
export const barOpening = (seconds: number, timeframe: Timeframe): number => seconds - (seconds % timeframeSeconds[timeframe]);

const merge = (earlier: Bar, later: Bar): Bar => ({
  openSeconds: earlier.openSeconds,
  openTicks: earlier.openTicks,
  highTicks: later.highTicks > earlier.highTicks ? later.highTicks : earlier.highTicks,
  lowTicks: later.lowTicks < earlier.lowTicks ? later.lowTicks : earlier.lowTicks,
  closeTicks: later.closeTicks,
  volumeLots: earlier.volumeLots + later.volumeLots,
  tradeCount: earlier.tradeCount + later.tradeCount,
});

/** Bars that a trade changed: the bar that it closed by opening the next one comes first. */
export interface BarChange {
  readonly timeframe: Timeframe;
  readonly bar: Bar;
  readonly closed: boolean;
}

/** The current bar of each timeframe of one instrument. */
export class LiveCandles {
  readonly #bars = new Map<Timeframe, Bar>();

  current(timeframe: Timeframe): Bar | undefined {
    return this.#bars.get(timeframe);
  }

  /** Takes bars of one minute, oldest first, or trades as bars of their own; either way in time order. */
  add(part: Bar): readonly BarChange[] {
    const changes: BarChange[] = [];
    for (const timeframe of timeframes) {
      const openSeconds = barOpening(part.openSeconds, timeframe);
      const bar = this.#bars.get(timeframe);
      const grown = bar !== undefined && bar.openSeconds >= openSeconds ? merge(bar, part) : { ...part, openSeconds };
      if (bar !== undefined && bar.openSeconds < openSeconds) changes.push({ timeframe, bar, closed: true });
      this.#bars.set(timeframe, grown);
      changes.push({ timeframe, bar: grown, closed: false });
    }
    return changes;
  }

  addTrade(timeNanos: bigint, priceTicks: bigint, quantityLots: bigint): readonly BarChange[] {
    return this.add({
      openSeconds: Number(timeNanos / 1_000_000_000n),
      openTicks: priceTicks,
      highTicks: priceTicks,
      lowTicks: priceTicks,
      closeTicks: priceTicks,
      volumeLots: quantityLots,
      tradeCount: 1n,
    });
  }
}
