import { describe, expect, it } from 'vitest';
import { ExecType, OrderStatus } from '#contracts/tape/codes.generated.js';
import type { ReportRecordOrderState, ReportRecordTrade, ReportRecordTradeDetail } from '#contracts/tape/layout.generated.js';
import { instrumentRow } from '../testing/instrument-row.js';
import type { AccountEvent } from './account-event.js';
import { OrderTracker } from './order-tracker.js';

const instrument = instrumentRow();

const event = (commandNumber: bigint, change: Partial<AccountEvent> & Pick<AccountEvent, 'report'>): AccountEvent => ({
  accountId: 1001,
  commandNumber,
  recordIndex: 0,
  timeNanos: commandNumber * 1_000_000_000n,
  extension: null,
  maker: null,
  placed: null,
  clientOrderId: 'mine',
  ...change,
});

const state = (change: Partial<ReportRecordOrderState> = {}): ReportRecordOrderState => ({
  type: 'orderState',
  flags: 1,
  extensionCount: 0,
  commandIndex: 0,
  orderId: 10n,
  accountId: 1001,
  instrumentId: 1,
  quantityLots: 5n,
  leavesQuantityLots: 5n,
  cumQuantityLots: 0n,
  priceTicks: 18_240n,
  execType: ExecType.New,
  orderStatus: OrderStatus.New,
  side: 1,
  orderType: 2,
  timeInForce: 1,
  reason: 0,
  instructions: 1,
  ...change,
});

const trade = (makerOrderId: bigint, takerOrderId: bigint): ReportRecordTrade => ({
  type: 'trade',
  flags: 0,
  extensionCount: 1,
  commandIndex: 0,
  tradeId: 77n,
  instrumentId: 1,
  aggressorSide: 2,
  tradeKind: 1,
  priceTicks: 18_240n,
  quantityLots: 2n,
  makerOrderId,
  takerOrderId,
  makerAccountId: 1001,
  takerAccountId: 3001,
});
const detail = (makerLeavesLots: bigint, makerCumLots: bigint): ReportRecordTradeDetail => ({
  type: 'tradeDetail',
  flags: 0,
  extensionCount: 0,
  commandIndex: 0,
  makerLeavesLots,
  takerLeavesLots: 0n,
  makerCumLots,
  takerCumLots: 2n,
  makerFeeUnits: -5_000_000n,
  takerFeeUnits: 7_000_000n,
  notionalUnits: 2n * 18_240n * 1_000_000n,
});

describe('OrderTracker', () => {
  it.each([
    ['a stop', 3, '1.2'],
    ['a market order that waits for its auction', 1, null],
  ])('tells the trigger of %s', (_what, orderType, stopPrice) => {
    const terms = {
      ...({
        type: 'orderDetail',
        flags: 0,
        extensionCount: 0,
        commandIndex: 0,
        listId: 0n,
        previousPriceTicks: 0n,
        previousQuantityLots: 0n,
      } as const),
      ...{ stopPriceTicks: 120n, displayQuantityLots: 0n, minimumQuantityLots: 0n, expireTimeNanos: 0n },
    };
    const told = new OrderTracker().apply(event(10n, { report: state({ orderType, priceTicks: 0n }), extension: terms }), instrument);
    expect(told?.order).toMatchObject({ stopPrice });
  });

  it('follows an order from its entry over a fill to its end, and forgets it then', () => {
    const tracker = new OrderTracker();
    const entered = tracker.apply(event(10n, { report: state() }), instrument);
    expect(entered?.order).toMatchObject({
      orderId: '10',
      clientOrderId: 'mine',
      orderStatus: 'NEW',
      postOnly: true,
      price: '182.4',
      averagePrice: null,
      createdAt: '1970-01-01T00:00:10.000Z',
    });
    const filled = tracker.apply(
      event(11n, { report: trade(10n, 11n), extension: detail(3n, 2n), maker: true, clientOrderId: 'taker' }),
      instrument,
    );
    expect(filled?.order).toMatchObject({
      clientOrderId: 'mine',
      orderStatus: 'PARTIALLY_FILLED',
      leavesQuantity: '3',
      cumQuantity: '2',
      averagePrice: '182.4',
      createdAt: '1970-01-01T00:00:10.000Z',
      updatedAt: '1970-01-01T00:00:11.000Z',
    });
    expect(filled?.execution).toMatchObject({
      executionId: '77-M',
      side: 'BUY',
      lastQuantity: '2',
      lastPrice: '182.4',
      fee: '-0.05',
      maker: true,
    });
    const canceled = state({
      execType: ExecType.Canceled,
      orderStatus: OrderStatus.Canceled,
      leavesQuantityLots: 0n,
      cumQuantityLots: 2n,
      reason: 1,
    });
    expect(tracker.apply(event(12n, { report: canceled, clientOrderId: 'the-cancel' }), instrument)?.order).toMatchObject({
      clientOrderId: 'mine',
      orderStatus: 'CANCELED',
      reason: 'Requested',
      averagePrice: '182.4',
    });
    expect(tracker.size).toBe(0);
  });

  it('asks for an order that began before it (undefined), and goes on from what it is given', () => {
    const tracker = new OrderTracker();
    const fill = event(11n, { report: trade(10n, 11n), extension: detail(0n, 5n), maker: true });
    expect(tracker.apply(fill, instrument)).toBeUndefined();
    const other = new OrderTracker();
    const node = other.apply(event(10n, { report: state() }), instrument)?.order;
    if (node === undefined) throw new Error('no order');
    tracker.put({ node, instrument, cumNotionalUnits: 3n * 18_000n * 1_000_000n, isNotionalKnown: true });
    expect(tracker.apply(fill, instrument)?.order).toMatchObject({ orderStatus: 'FILLED', averagePrice: '180.96' });
    tracker.put({ node, instrument, cumNotionalUnits: 0n, isNotionalKnown: false });
    expect(tracker.apply(fill, instrument)?.order.averagePrice).toBeNull();
  });

  it('makes an order of a refused entry, as the history does', () => {
    const tracker = new OrderTracker();
    const refusal = {
      type: 'refusal',
      flags: 1,
      extensionCount: 0,
      commandIndex: 0,
      orderId: 0n,
      accountId: 1001,
      instrumentId: 1,
      code: 2001,
      commandKind: 1,
      ruleVersion: 0,
      observed: 0n,
      limit: 0n,
      priceTicks: 0n,
      quantityLots: 0n,
    } as const;
    expect(tracker.apply(event(20n, { report: refusal }), instrument)).toBeUndefined();
    const refused = {
      type: 'placeOrder',
      extensionCount: 0,
      flags: 0,
      sessionId: 0,
      timeNanos: 0n,
      accountId: 1001,
      instrumentId: 1,
      priceTicks: 0n,
      quantityLots: 9n,
      side: 2,
      orderType: 1,
      timeInForce: 3,
      selfTradePrevention: 0,
      instructions: 0,
      triggerSource: 0,
      pegKind: 0,
      stopPriceTicks: 0n,
      displayQuantityLots: 0n,
    } as const;
    expect(tracker.apply(event(20n, { report: refusal, placed: { record: refused, extensions: [] } }), instrument)?.order).toMatchObject({
      orderId: '20',
      orderStatus: 'REJECTED',
      reason: 'INSUFFICIENT_BUYING_POWER',
      orderType: 'MARKET',
      side: 'SELL',
      price: null,
      leavesQuantity: '0',
    });
    expect(tracker.size).toBe(0);
  });
});
