import {
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  HistogramSeries,
  LineStyle,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type UTCTimestamp,
} from 'lightweight-charts';
import { useEffect, useRef } from 'react';
import { priceText, quantityText } from '../model/format.js';
import type { Instrument, PriceTicks, QuantityLots } from '../model/values.js';
import { timeframes, type Bar, type Timeframe } from '../store/bars.js';
import { isOpen } from '../store/blotter.js';
import { dispatch, terminalStore, useTerminal } from '../store/terminal-store.js';
import type { TerminalState } from '../store/terminal-state.js';
import { Panel, toneOf } from './Panel.js';

const labels: Readonly<Record<Timeframe, string>> = { S5: '5s', M1: '1m', M5: '5m', M15: '15m', H1: '1h', H4: '4h', D1: '1d' };
/** Bars are drawn wider while there are few of them, and never narrower than this when a series is first shown. */
const barSpacing = { min: 7, max: 18 } as const;
const emptyBarsOnTheRight = 5;
const up = '#2fbf8f';
const down = '#f0566a';

// Drawing needs floating point; nothing is computed from these numbers.
const coordinate = (ticks: PriceTicks, { scale }: Instrument): number => Number(ticks * scale.tickMantissa) / 10 ** scale.tickExponent;
const volumeOf = (lots: QuantityLots, { scale }: Instrument): number => Number(lots * scale.lotMantissa) / 10 ** scale.lotExponent;

const candleOf = (bar: Bar, instrument: Instrument) => ({
  time: bar.openSeconds as UTCTimestamp,
  open: coordinate(bar.open, instrument),
  high: coordinate(bar.high, instrument),
  low: coordinate(bar.low, instrument),
  close: coordinate(bar.close, instrument),
});
const columnOf = (bar: Bar, instrument: Instrument) => ({
  time: bar.openSeconds as UTCTimestamp,
  value: volumeOf(bar.volumeLots, instrument),
  color: bar.close >= bar.open ? `${up}59` : `${down}59`,
});

/** Draws the state on the chart with as little as possible: all bars when the series was replaced, else those since the last drawing. */
class Drawing {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<'Candlestick'>;
  private readonly columns: ISeriesApi<'Histogram'>;
  private drawn: {
    readonly generation: number;
    readonly lastSeconds: number;
    readonly symbol: string;
    readonly bars: readonly Bar[];
  } | null = null;
  private ownLines: { readonly key: string; readonly line: IPriceLine }[] = [];
  private shownOrders: TerminalState['blotter']['orders'] | null = null;

  constructor(element: HTMLElement) {
    this.chart = createChart(element, {
      autoSize: true,
      layout: {
        background: { type: ColorType.Solid, color: '#0e1218' },
        textColor: '#7b879a',
        fontSize: 11,
        fontFamily: getComputedStyle(document.body).fontFamily,
        attributionLogo: false,
      },
      grid: { vertLines: { color: '#151a22' }, horzLines: { color: '#151a22' } },
      crosshair: {
        mode: CrosshairMode.Normal,
        vertLine: { color: '#465064', labelBackgroundColor: '#2a323f' },
        horzLine: { color: '#465064', labelBackgroundColor: '#2a323f' },
      },
      rightPriceScale: { borderColor: '#1c222c', scaleMargins: { top: 0.08, bottom: 0.24 } },
      timeScale: {
        borderColor: '#1c222c',
        timeVisible: true,
        secondsVisible: true,
        rightOffset: emptyBarsOnTheRight,
        barSpacing: barSpacing.min,
      },
      localization: { locale: 'en-GB' },
    });
    this.candles = this.chart.addSeries(CandlestickSeries, {
      upColor: up,
      downColor: down,
      wickUpColor: up,
      wickDownColor: down,
      borderVisible: false,
      priceLineStyle: LineStyle.Dotted,
    });
    this.columns = this.chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  }

  draw(state: TerminalState): void {
    const instrument = state.instruments.get(state.symbol);
    if (instrument === undefined) return;
    this.drawBars(state, instrument);
    this.drawOrders(state, instrument);
  }

  private drawBars({ bars: { generation, bars }, symbol, timeframe }: TerminalState, instrument: Instrument): void {
    if (this.drawn?.bars === bars && this.drawn.symbol === symbol) return;
    const last = bars.at(-1);
    if (this.drawn === null || this.drawn.generation !== generation || this.drawn.symbol !== symbol) {
      const { tickMantissa, tickExponent } = instrument.scale;
      const priceFormat = { type: 'price', precision: tickExponent, minMove: Number(tickMantissa) / 10 ** tickExponent } as const;
      this.candles.applyOptions({ priceFormat });
      this.chart.timeScale().applyOptions({ secondsVisible: timeframe === 'S5', timeVisible: timeframe !== 'D1' });
      this.candles.setData(bars.map((bar) => candleOf(bar, instrument)));
      this.columns.setData(bars.map((bar) => columnOf(bar, instrument)));
      if (this.drawn === null || this.drawn.symbol !== symbol || this.drawn.bars.length === 0) this.fit(bars.length);
    } else {
      const from = this.drawn.lastSeconds;
      for (const bar of bars.slice(-50)) {
        if (bar.openSeconds < from) continue;
        this.candles.update(candleOf(bar, instrument));
        this.columns.update(columnOf(bar, instrument));
      }
    }
    this.drawn = { generation, symbol, bars, lastSeconds: last?.openSeconds ?? 0 };
  }

  private fit(bars: number): void {
    const scale = this.chart.timeScale();
    const spacing = scale.width() / (bars + 2 * emptyBarsOnTheRight);
    scale.applyOptions({ barSpacing: Math.max(barSpacing.min, Math.min(barSpacing.max, spacing)) });
    scale.scrollToRealTime();
  }

  /** Own open orders as dashed lines: at their limit, or at the trigger that they wait for. */
  private drawOrders({ blotter: { orders }, symbol }: TerminalState, instrument: Instrument): void {
    if (orders === this.shownOrders && this.ownLines.every(({ key }) => key.startsWith(`${symbol}|`))) return;
    this.shownOrders = orders;
    for (const { line } of this.ownLines) this.candles.removePriceLine(line);
    this.ownLines = [...orders.values()].flatMap((order) => {
      const at = order.triggered === false ? order.stopTicks : order.priceTicks;
      if (order.symbol !== symbol || at === null || !isOpen(order)) return [];
      const line = this.candles.createPriceLine({
        price: coordinate(at, instrument),
        color: order.side === 'BUY' ? `${up}b0` : `${down}b0`,
        lineWidth: 1,
        lineStyle: LineStyle.Dashed,
        axisLabelVisible: true,
        title: `${order.side === 'BUY' ? 'Buy' : 'Sell'} ${quantityText(order.leavesLots, instrument)}`,
      });
      return [{ key: `${symbol}|${order.orderId}`, line }];
    });
  }

  close(): void {
    this.chart.remove();
  }
}

const Canvas = () => {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (element.current === null) return undefined;
    const drawing = new Drawing(element.current);
    drawing.draw(terminalStore.getState());
    const stop = terminalStore.subscribe((state) => drawing.draw(state));
    return () => {
      stop();
      drawing.close();
    };
  }, []);
  return <div ref={element} className="absolute inset-0" data-testid="chart" />;
};

const Legend = () => {
  const bar = useTerminal((state) => state.bars.bars.at(-1));
  const instrument = useTerminal((state) => state.instruments.get(state.symbol));
  if (bar === undefined || instrument === undefined) return null;
  const tone = toneOf(bar.close - bar.open);
  return (
    <dl className="pointer-events-none absolute left-3 top-2 z-10 flex flex-wrap gap-x-3 text-2xs text-faint">
      {(['open', 'high', 'low', 'close'] as const).map((name) => (
        <div key={name} className="flex gap-1">
          <dt>{name.charAt(0).toUpperCase()}</dt>
          <dd className={tone}>{priceText(bar[name], instrument)}</dd>
        </div>
      ))}
      <div className="flex gap-1">
        <dt>V</dt>
        <dd className={tone}>{quantityText(bar.volumeLots, instrument)}</dd>
      </div>
    </dl>
  );
};

export const ChartPanel = () => {
  const timeframe = useTerminal((state) => state.timeframe);
  const symbol = useTerminal((state) => state.symbol);
  const empty = useTerminal((state) => state.bars.bars.length === 0);
  return (
    <Panel
      place="chart"
      label={`Chart of ${symbol}`}
      title={
        <div role="group" aria-label="Timeframe" className="-ml-2 flex">
          {timeframes.map((choice) => (
            <button
              key={choice}
              type="button"
              aria-pressed={choice === timeframe}
              data-testid={`timeframe-${choice}`}
              onClick={() => dispatch({ type: 'timeframe-chosen', timeframe: choice })}
              className={`rounded px-2 py-1 text-xs ${choice === timeframe ? 'bg-raised text-ink' : 'text-faint hover:text-ink'}`}
            >
              {labels[choice]}
            </button>
          ))}
        </div>
      }
      actions={
        <a className="text-2xs text-faint hover:text-soft" href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          Charts by TradingView
        </a>
      }
    >
      <div className="relative min-h-0 flex-1">
        <Legend />
        <Canvas />
        {empty ? (
          <p className="pointer-events-none absolute inset-0 z-10 flex items-center justify-center text-faint">
            The chart grows with the first trades
          </p>
        ) : null}
      </div>
    </Panel>
  );
};
