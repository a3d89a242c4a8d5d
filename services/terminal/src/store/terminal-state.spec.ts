import { describe, expect, it } from 'vitest';
import type { BookUpdateAnswer, OrderAnswer, TradeAnswer } from '../api/answers.js';
import { instrumentOf, type Instrument } from '../model/values.js';
import { applyBookUpdate, emptyBook, withDepth } from './book.js';
import { createFrameQueue } from './frame-queue.js';
import { unrealizedPnl, positionRow } from './portfolio.js';
import { applyQuote } from './quotes.js';
import { initialState, reduce, type TerminalState } from './terminal-state.js';

const terms = {
  name: 'Nova',
  kind: 'EQUITY',
  currency: 'USD',
  minNotional: null,
  makerFeePpm: 0,
  takerFeePpm: 300,
  tradingState: 'ACTIVE',
  multiplier: '1',
} as const;
const nova: Instrument = instrumentOf({ ...terms, symbol: 'NOVA', tickSize: '0.01', lotSize: '1' });
const bitcoin: Instrument = instrumentOf({ ...terms, symbol: 'BTC-USD', tickSize: '0.5', lotSize: '0.0001' });

const loaded: TerminalState = reduce(
  { ...initialState, accountId: '1001' },
  { type: 'market-loaded', instruments: [nova, bitcoin], quotes: [] },
);

const level = (price: string, quantity: string) => ({ price, quantity, orderCount: 1 });
const snapshot: BookUpdateAnswer = {
  kind: 'SNAPSHOT',
  symbol: 'NOVA',
  bids: [level('10.01', '5'), level('10.00', '7')],
  asks: [level('10.03', '2'), level('10.02', '4')],
  previousSequence: '0',
  sequence: '7',
};
const delta = (changes: Partial<BookUpdateAnswer>): BookUpdateAnswer => ({
  kind: 'DELTA',
  symbol: 'NOVA',
  bids: [],
  asks: [],
  previousSequence: '7',
  sequence: '8',
  ...changes,
});
const trade = (tradeId: string, second: number, price: string, quantity = '1'): TradeAnswer => ({
  tradeId,
  symbol: 'NOVA',
  price,
  quantity,
  aggressorSide: 'BUY',
  executedAt: `2026-01-02T03:04:${String(second).padStart(2, '0')}.123456789Z`,
});

const order = (changes: Partial<OrderAnswer>): OrderAnswer => ({
  orderId: '1',
  clientOrderId: null,
  instrument: { symbol: 'NOVA' },
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '10',
  price: '10.00',
  stopPrice: null,
  triggerSource: null,
  triggered: null,
  trailingOffset: null,
  trailingUnit: null,
  pegKind: null,
  pegOffset: null,
  displayQuantity: null,
  minimumQuantity: null,
  expireTime: null,
  instructions: [],
  list: null,
  leavesQuantity: '10',
  cumQuantity: '0',
  averagePrice: null,
  orderStatus: 'NEW',
  reason: null,
  reasonText: null,
  createdAt: '2026-01-02T03:04:05Z',
  updatedAt: '2026-01-02T03:04:05Z',
  ...changes,
});

describe('book', () => {
  const live = applyBookUpdate(emptyBook, snapshot, nova);

  it('sorts a snapshot with the best price first', () => {
    expect(live.bids.map(({ priceTicks }) => priceTicks)).toEqual([1001n, 1000n]);
    expect(live.asks.map(({ priceTicks }) => priceTicks)).toEqual([1002n, 1003n]);
  });

  it('applies a delta that follows: changes, adds and removes levels', () => {
    const next = applyBookUpdate(live, delta({ bids: [level('10.01', '0'), level('9.99', '3')], asks: [level('10.02', '9')] }), nova);
    expect(next.status).toBe('live');
    expect(next.bids.map(({ priceTicks }) => priceTicks)).toEqual([1000n, 999n]);
    expect(next.asks[0]?.quantityLots).toBe(9n);
    expect(next.sequence).toBe('8');
  });

  it('sees a gap, keeps what it had, and is live again with the next snapshot only', () => {
    const gap = applyBookUpdate(live, delta({ previousSequence: '8', sequence: '9', bids: [level('10.01', '0')] }), nova);
    expect(gap.status).toBe('gap');
    expect(gap.bids).toEqual(live.bids);
    expect(applyBookUpdate(gap, delta({}), nova)).toBe(gap);
    expect(applyBookUpdate(gap, { ...snapshot, sequence: '12' }, nova).status).toBe('live');
  });

  it('adds up depth from the best price', () => {
    expect(withDepth(live.bids, 9).map(({ totalLots }) => totalLots)).toEqual([5n, 12n]);
    expect(withDepth(live.bids, 1)).toHaveLength(1);
  });
});

describe('trades and bars', () => {
  it('builds five-second bars from trades and counts a repeated trade once', () => {
    const trades = [
      trade('a', 1, '10.00', '2'),
      trade('b', 3, '10.05'),
      trade('b', 3, '10.05'),
      trade('c', 4, '9.98'),
      trade('d', 7, '10.01'),
    ];
    const state = trades.reduce((before, item) => reduce(before, { type: 'trade', trade: item }), loaded);
    expect(state.tape.map(({ tradeId }) => tradeId)).toEqual(['d', 'c', 'b', 'a']);
    const [first, second] = state.bars.bars;
    expect(first).toMatchObject({ open: 1000n, high: 1005n, low: 998n, close: 998n, volumeLots: 4n });
    expect(second).toMatchObject({ open: 1001n, close: 1001n, volumeLots: 1n });
    expect((second?.openSeconds ?? 0) - (first?.openSeconds ?? 0)).toBe(5);
  });

  it('joins history and what streamed in meanwhile without losing or doubling', () => {
    const streamed = reduce(loaded, { type: 'trade', trade: trade('c', 9, '10.02') });
    const state = reduce(streamed, {
      type: 'trades-loaded',
      symbol: 'NOVA',
      trades: [trade('c', 9, '10.02'), trade('b', 2, '10.01'), trade('a', 1, '10.00')],
    });
    expect(state.tape.map(({ tradeId }) => tradeId)).toEqual(['c', 'b', 'a']);
    expect(state.bars.bars.map(({ volumeLots }) => volumeLots)).toEqual([2n, 1n]);
  });

  it('ignores trades and candles of a symbol or timeframe that is not shown', () => {
    expect(reduce(loaded, { type: 'trade', trade: { ...trade('a', 1, '64000.5'), symbol: 'BTC-USD' } })).toBe(loaded);
    const candle = {
      symbol: 'NOVA',
      timeframe: 'M5',
      openTime: '2026-01-02T03:00:00Z',
      open: '1',
      high: '1',
      low: '1',
      close: '1',
      volume: '1',
    };
    expect(reduce(loaded, { type: 'candle', candle })).toBe(loaded);
  });

  it('replaces the newest candle and appends the next', () => {
    const minute = reduce(loaded, { type: 'timeframe-chosen', timeframe: 'M1' });
    const candle = (openTime: string, close: string) =>
      ({
        type: 'candle',
        candle: { symbol: 'NOVA', timeframe: 'M1', openTime, open: '10.00', high: '10.10', low: '9.90', close, volume: '5' },
      }) as const;
    const state = [
      candle('2026-01-02T03:04:00Z', '10.01'),
      candle('2026-01-02T03:04:00Z', '10.02'),
      candle('2026-01-02T03:05:00Z', '10.03'),
    ].reduce(reduce, minute);
    expect(state.bars.bars.map(({ close }) => close)).toEqual([1002n, 1003n]);
    expect(state.bars.generation).toBe(minute.bars.generation);
  });
});

describe('account', () => {
  it('replaces an order by its update and records an execution once', () => {
    const execution = {
      executionId: 'e1',
      orderId: '1',
      instrument: { symbol: 'NOVA' },
      side: 'BUY',
      lastQuantity: '10',
      lastPrice: '10.00',
      fee: '0.03',
      maker: false,
      tradeKind: 'CONTINUOUS',
      executedAt: '2026-01-02T03:04:06Z',
    } as const;
    const open = reduce(loaded, { type: 'order', accountId: '1001', order: order({}), execution: null });
    const filled = {
      type: 'order',
      accountId: '1001',
      order: order({ orderStatus: 'FILLED', leavesQuantity: '0', cumQuantity: '10', averagePrice: '10.00' }),
      execution,
    } as const;
    const state = reduce(reduce(open, filled), filled);
    expect(open.blotter.orders.get('1')?.leavesLots).toBe(10n);
    expect(state.blotter.orders.get('1')).toMatchObject({ orderStatus: 'FILLED', cumLots: 10n, averageUnits: 1_000_000_000n });
    expect(state.blotter.executions).toHaveLength(1);
  });

  it('drops updates of an account that is no longer shown', () => {
    expect(reduce(loaded, { type: 'order', accountId: '1002', order: order({}), execution: null })).toBe(loaded);
  });

  it('forgets everything of the former account on a switch', () => {
    const open = reduce(loaded, { type: 'order', accountId: '1001', order: order({}), execution: null });
    const switched = reduce(open, { type: 'accounts-known', accounts: [], accountId: '1002' });
    expect(switched.blotter.orders.size).toBe(0);
  });

  it('keeps every open order however many closed ones there are', () => {
    const first = reduce(loaded, { type: 'order', accountId: '1001', order: order({ orderId: 'open' }), execution: null });
    const state = Array.from({ length: 450 }, (_, index) =>
      order({ orderId: `closed-${index}`, orderStatus: 'CANCELED', createdAt: `2026-01-03T00:00:00.${String(index).padStart(3, '0')}Z` }),
    ).reduce((before, closed) => reduce(before, { type: 'order', accountId: '1001', order: closed, execution: null }), first);
    expect(state.blotter.orders.has('open')).toBe(true);
    expect(state.blotter.orders.size).toBe(201);
    expect(state.blotter.orders.has('closed-449')).toBe(true);
  });

  it.each([
    ['long and up', '2', '100.00', '110.00', 2_000_000_000n],
    ['long and down', '2', '100.00', '95.00', -1_000_000_000n],
    ['short and down is a gain', '-3', '100.00', '90.00', 3_000_000_000n],
    ['average between ticks', '3', '100.003333333', '100.00', -999_999n],
  ])('values an open position exactly: %s', (_name, quantity, averageCost, last, expected) => {
    const position = positionRow(
      { instrument: { symbol: 'NOVA' }, quantity, reservedQuantity: '0', averageCost, realizedPnl: '0', updatedAt: '' },
      nova,
    );
    const state = applyQuote(
      undefined,
      {
        symbol: 'NOVA',
        bidPrice: null,
        askPrice: null,
        lastPrice: last,
        open: null,
        high: null,
        low: null,
        volume: null,
        previousClose: null,
        tradingState: null,
        phase: null,
        indicativePrice: null,
        indicativeQuantity: null,
        imbalance: null,
        at: '',
      },
      nova,
    );
    expect(state.last).not.toBeNull();
    if (state.last !== null) expect(unrealizedPnl(position, state.last, nova)).toBe(expected);
  });
});

describe('quotes', () => {
  const quote = (lastPrice: string, previousClose: string | null = null) => ({
    symbol: 'BTC-USD',
    bidPrice: '64000.0',
    askPrice: '64000.5',
    lastPrice,
    open: '60000',
    high: null,
    low: null,
    volume: '1.5',
    previousClose,
    tradingState: null,
    phase: null,
    indicativePrice: null,
    indicativeQuantity: null,
    imbalance: null,
    at: '',
  });

  it('tell the direction of the last change, and the change against the close or the open', () => {
    const first = applyQuote(undefined, quote('63000'), bitcoin);
    const second = applyQuote(first, quote('62999.5'), bitcoin);
    const same = applyQuote(second, quote('62999.5'), bitcoin);
    expect(first.changeBasisPoints).toBe(500n);
    expect(second).toMatchObject({ direction: 'down', changes: 2 });
    expect(same).toMatchObject({ direction: 'down', changes: 2 });
    expect(applyQuote(first, quote('63000', '63000'), bitcoin).changeBasisPoints).toBe(0n);
  });
});

describe('frame queue', () => {
  it('hands over many items in one frame and does not wait without bound', () => {
    const applied: number[][] = [];
    const callbacks: (() => void)[] = [];
    const queue = createFrameQueue<number>({ request: (callback) => callbacks.push(callback), cancel: () => undefined }, (items) =>
      applied.push([...items]),
    );
    for (let item = 0; item < 5; item += 1) queue.push(item);
    expect(callbacks).toHaveLength(1);
    expect(applied).toEqual([]);
    callbacks[0]?.();
    expect(applied).toEqual([[0, 1, 2, 3, 4]]);
    for (let item = 0; item < 1_000; item += 1) queue.push(item);
    expect(applied.at(-1)).toHaveLength(1_000);
  });
});
