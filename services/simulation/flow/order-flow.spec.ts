import { describe, expect, it } from 'vitest';
import { FakeVenue } from '../testing/fake-venue.js';
import { simulatedInstruments } from './demo-instruments.js';
import type { Intent } from './instrument.js';
import { OrderFlow } from './order-flow.js';

const seed = 20_260_101;
const instruments = simulatedInstruments().map(({ flow }) => flow);
const stepMs = 100;

interface Sample {
  readonly spreadTicks: bigint | null;
  readonly levels: number;
  readonly last: bigint | null;
}

const run = (options: { readonly seed: number; readonly seconds: number; readonly commandsPerSecond?: number }) => {
  const commandsPerSecond = options.commandsPerSecond ?? 40;
  const flow = new OrderFlow({
    seed: options.seed,
    runId: 'test',
    instruments,
    makerAccounts: ['2001', '2002', '2003'],
    takerAccounts: ['3001', '3002'],
    commandsPerSecond,
  });
  const venue = new FakeVenue();
  const sent: Intent[] = [];
  const samples = new Map<string, Sample[]>(instruments.map(({ symbol }) => [symbol, []]));
  let refused = 0;
  for (let step = 0; step < (options.seconds * 1000) / stepMs; step += 1) {
    for (const { symbol } of instruments) flow.observeQuote(symbol, venue.quote(symbol));
    for (const intent of flow.step(step * stepMs, (commandsPerSecond * stepMs) / 1000)) {
      sent.push(intent);
      const answer = venue.send(intent);
      if (answer.refused) refused += 1;
      if (answer.refused) flow.observeRefusal(intent.clientOrderId, intent.type, false);
      else if (intent.type === 'amend') flow.observeAmend(intent.clientOrderId, intent.priceTicks);
      for (const report of answer.reports) flow.observeOrder(report);
    }
    if (step * stepMs < 20_000 || step % 5 !== 0) continue; // the ladders are built first
    for (const { symbol } of instruments) {
      const { bidTicks, askTicks, lastTicks } = venue.quote(symbol);
      samples.get(symbol)?.push({
        spreadTicks: bidTicks === null || askTicks === null ? null : askTicks - bidTicks,
        levels: Math.min(venue.levels(symbol, 'BUY'), venue.levels(symbol, 'SELL')),
        last: lastTicks,
      });
    }
  }
  return { flow, venue, sent, samples, refused };
};

describe(`order flow, seed ${seed}`, () => {
  const market = run({ seed, seconds: 900 });

  it.each(instruments.map(({ symbol }) => symbol))('%s quotes both sides with depth and a small spread', (symbol) => {
    const samples = market.samples.get(symbol) ?? [];
    expect(samples.length).toBeGreaterThan(1_000);
    const twoSided = samples.filter(({ spreadTicks }) => spreadTicks !== null);
    expect(twoSided.length / samples.length).toBeGreaterThan(0.95);
    expect(twoSided.every(({ spreadTicks }) => (spreadTicks ?? 0n) >= 1n)).toBe(true);
    expect(twoSided.filter(({ spreadTicks }) => (spreadTicks ?? 0n) < 10n).length / twoSided.length).toBeGreaterThan(0.8);
    expect(samples.filter(({ levels }) => levels >= 5).length / samples.length).toBeGreaterThan(0.95);
  });

  it.each(instruments.map(({ symbol }) => symbol))('%s trades, moves, and stays near its opening price', (symbol) => {
    const trades = market.venue.trades.filter((trade) => trade.symbol === symbol);
    expect(trades.length).toBeGreaterThan(300);
    const opening = Number(instruments.find((instrument) => instrument.symbol === symbol)?.openingPriceTicks ?? 0n);
    const prices = trades.map(({ priceTicks }) => Number(priceTicks) / opening);
    expect(new Set(prices).size).toBeGreaterThan(10);
    expect(Math.min(...prices)).toBeGreaterThan(0.85);
    expect(Math.max(...prices)).toBeLessThan(1.15);
  });

  it('has returns with fat tails and volatility that clusters', () => {
    // Pooled over instruments, each normalised by its own variance: one quarter of an hour of one book alone is too noisy to judge.
    const kurtoses: number[] = [];
    const clustering: number[] = [];
    for (const { symbol } of instruments) {
      const lasts = (market.samples.get(symbol) ?? [])
        .filter((_, index) => index % 6 === 0)
        .flatMap(({ last }) => (last === null ? [] : [Math.log(Number(last))]));
      const returns = lasts.slice(1).map((value, index) => value - (lasts[index] ?? value));
      const variance = mean(returns.map((value) => value ** 2));
      kurtoses.push(mean(returns.map((value) => value ** 4)) / variance ** 2);
      const sizes = returns.map(Math.abs);
      const centre = mean(sizes);
      clustering.push(
        mean(sizes.slice(1).map((value, index) => (value - centre) * ((sizes[index] ?? 0) - centre))) /
          mean(sizes.map((value) => (value - centre) ** 2)),
      );
    }
    expect(mean(kurtoses)).toBeGreaterThan(3);
    expect(mean(clustering)).toBeGreaterThan(0.02);
  });

  it('keeps to its allowance and bounds its open orders', () => {
    expect(market.sent.length).toBeLessThanOrEqual(900 * 40);
    expect(market.flow.openOrderCount).toBeLessThan(450);
    expect(market.refused / market.sent.length).toBeLessThan(0.1);
  });

  it('mixes quotes, amends, cancels, aggressive and patient orders', () => {
    const count = (matches: (intent: Intent) => boolean): number => market.sent.filter(matches).length / market.sent.length;
    expect(count(({ type }) => type === 'amend')).toBeGreaterThan(0.1);
    expect(count(({ type }) => type === 'cancel')).toBeGreaterThan(0.03);
    expect(count((intent) => intent.type === 'place' && intent.orderType === 'MARKET')).toBeGreaterThan(0.03);
    expect(count((intent) => intent.type === 'place' && intent.timeInForce === 'IOC' && intent.orderType === 'LIMIT')).toBeGreaterThan(
      0.03,
    );
  });

  it('repeats itself for a seed and differs for another', () => {
    const text = (value: number): string =>
      JSON.stringify(run({ seed: value, seconds: 40 }).sent, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
    expect(text(7)).toBe(text(7));
    expect(text(7)).not.toBe(text(8));
  });

  it('continues from the price that the market shows, and not from the opening price', () => {
    const [first] = instruments;
    if (first === undefined) throw new Error('the demo world has no instrument');
    const flow = new OrderFlow({ seed, runId: 'r', instruments: [first], makerAccounts: ['1'], takerAccounts: [], commandsPerSecond: 60 });
    const lastTicks = (first.openingPriceTicks * 105n) / 100n;
    flow.observeQuote(first.symbol, { bidTicks: null, askTicks: null, lastTicks });
    const prices = flow
      .step(0, 100)
      .flatMap((intent) => (intent.type === 'place' && intent.priceTicks !== null ? [intent.priceTicks] : []));
    expect(prices.length).toBeGreaterThan(0);
    expect(prices.every((price) => price > (lastTicks * 99n) / 100n && price < (lastTicks * 101n) / 100n)).toBe(true);
  });

  it('forgets the orders of an account and quotes anew', () => {
    const { flow } = run({ seed, seconds: 30 });
    const before = flow.openOrderCount;
    for (const account of ['2001', '2002', '2003', '3001', '3002']) flow.forgetAccount(account);
    expect(before).toBeGreaterThan(100);
    expect(flow.openOrderCount).toBe(0);
  });
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
