import { describe, expect, it } from 'vitest';
import { barOpening, LiveCandles } from './live-candles.js';

const at = (iso: string): bigint => BigInt(Date.parse(iso)) * 1_000_000n;
const seconds = (iso: string): number => Date.parse(iso) / 1_000;

describe('LiveCandles', () => {
  it('grows the bar of every timeframe with a trade', () => {
    const candles = new LiveCandles();
    candles.addTrade(at('2026-01-02T09:59:59Z'), 100n, 5n);
    candles.addTrade(at('2026-01-02T09:59:59.999Z'), 90n, 1n);
    candles.addTrade(at('2026-01-02T10:00:00Z'), 110n, 2n);
    expect(candles.current('1m')).toEqual({
      openSeconds: seconds('2026-01-02T10:00:00Z'),
      openTicks: 110n,
      highTicks: 110n,
      lowTicks: 110n,
      closeTicks: 110n,
      volumeLots: 2n,
      tradeCount: 1n,
    });
    expect(candles.current('4h')).toEqual({
      openSeconds: seconds('2026-01-02T08:00:00Z'),
      openTicks: 100n,
      highTicks: 110n,
      lowTicks: 90n,
      closeTicks: 110n,
      volumeLots: 8n,
      tradeCount: 3n,
    });
    expect(candles.current('1d')?.openSeconds).toBe(seconds('2026-01-02T00:00:00Z'));
  });

  it('tells the last state of a bar before the first of the next one', () => {
    const candles = new LiveCandles();
    candles.addTrade(at('2026-01-02T10:00:10Z'), 100n, 5n);
    const changes = candles.addTrade(at('2026-01-02T10:01:00Z'), 101n, 1n).filter(({ timeframe }) => timeframe === '1m');
    expect(changes.map(({ closed, bar }) => [closed, bar.closeTicks])).toEqual([
      [true, 100n],
      [false, 101n],
    ]);
    expect(candles.addTrade(at('2026-01-02T10:01:01Z'), 102n, 1n).filter(({ closed }) => closed)).toEqual([]);
  });

  it('gives the same bars from minutes and from their trades', () => {
    const trades = [
      ['2026-01-02T10:00:10Z', 100n],
      ['2026-01-02T10:00:50Z', 97n],
      ['2026-01-02T10:03:00Z', 104n],
      ['2026-01-02T10:04:59Z', 103n],
      ['2026-01-02T11:00:00Z', 99n],
    ] as const;
    const byTrade = new LiveCandles();
    const minutes = new LiveCandles();
    const byMinute = new LiveCandles();
    for (const [time, price] of trades) {
      byTrade.addTrade(at(time), price, 1n);
      for (const { timeframe, bar, closed } of minutes.addTrade(at(time), price, 1n)) if (timeframe === '1m' && closed) byMinute.add(bar);
    }
    const last = minutes.current('1m');
    if (last !== undefined) byMinute.add(last);
    for (const timeframe of ['1m', '5m', '15m', '1h', '4h', '1d'] as const)
      expect(byMinute.current(timeframe)).toEqual(byTrade.current(timeframe));
  });

  it('opens bars on whole multiples since 1970', () => {
    expect(barOpening(seconds('2026-01-02T13:59:59Z'), '4h')).toBe(seconds('2026-01-02T12:00:00Z'));
    expect(barOpening(seconds('2026-01-02T13:14:59Z'), '15m')).toBe(seconds('2026-01-02T13:00:00Z'));
  });
});
