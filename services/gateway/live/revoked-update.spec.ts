import { describe, expect, it } from 'vitest';
import type { InstrumentRow, OrderRow } from '#platform/read-side/index.js';
import { revokedCommandSchema, revokedTermsOf, type RevokedCommand } from '#platform/tape/revocations.js';
import { revokedUpdate } from './revoked-update.js';

const instrument = {
  instrumentId: 1,
  scale: { tickMantissa: 1n, tickExponent: 2, lotMantissa: 1n, lotExponent: 0, moneyExponent: 8 },
} as InstrumentRow;
const row = {
  orderId: 55n,
  accountId: 1001,
  clientOrderId: 'resting',
  instrumentId: 1,
  side: 'Buy',
  orderType: 'Limit',
  timeInForce: 'GoodTillCancel',
  instructions: 0,
  quantity: '5',
  leavesQuantity: '5',
  cumQuantity: '0',
  price: '1',
  averagePrice: null,
  orderStatus: 'New',
  reason: null,
} as OrderRow;

/** Read models that hold one resting order, and the catalogue. */
const lookups = (asked: object[] = []) => ({
  catalogue: { byId: (id: number) => Promise.resolve(id === 1 ? instrument : null) },
  readSide: {
    snapshot: () =>
      Promise.resolve({
        trading: {
          order: (key: { orderId?: bigint; clientOrderId?: string }) => {
            asked.push(key);
            return Promise.resolve(key.orderId === 55n || key.clientOrderId === 'resting' ? row : null);
          },
        },
      }),
  } as unknown as Parameters<typeof revokedUpdate>[0]['readSide'],
});
const command = (change: Partial<RevokedCommand>): RevokedCommand => ({
  kind: 'placeOrder',
  accountId: 1001,
  instrumentId: 1,
  commandNumber: '55',
  clientOrderId: 'lost',
  origClientOrderId: null,
  orderId: null,
  order: { side: 1, orderType: 2, timeInForce: 2, instructions: 0, quantityLots: '5', priceTicks: '100', timeNanos: '1000000000' },
  ...change,
});
const update = (change: Partial<RevokedCommand>) =>
  revokedUpdate(lookups(), { command: command(change), revokedAt: '2026-03-02T11:00:00Z' });

describe('what an account is told of a revoked command', () => {
  it('a lost order as rejected, without the order id that the tape gave to another', async () => {
    expect(await update({})).toMatchObject({
      orderId: '0',
      clientOrderId: 'lost',
      orderStatus: 'REJECTED',
      reason: 'REVOKED',
      quantity: '5',
      price: '1',
      leavesQuantity: '0',
      updatedAt: '2026-03-02T11:00:00Z',
    });
  });

  it('with all its special terms', async () => {
    const placed = { orderType: 3, stopPriceTicks: 120n, displayQuantityLots: 2n, triggerSource: 3, pegKind: 1, selfTradePrevention: 2 };
    const terms = {
      ...{ expireTimeNanos: 2_000_000_000n, minimumQuantityLots: 3n, trailingOffset: 4n, trailingUnit: 2 },
      ...{ limitOffsetTicks: 5n, pegOffsetTicks: -6n },
    };
    const link = { listId: 77n, contingency: 1, legRole: 1, legIndex: 0, legCount: 2 };
    const { order } = command({});
    const lost = order === null ? null : { ...order, orderType: 3, terms: revokedTermsOf({ placed, terms, link }) };
    expect(lost).toEqual(revokedCommandSchema.parse(command({ order: lost })).order);
    expect(await update({ order: lost })).toMatchObject({
      ...{ stopPrice: '1.2', displayQuantity: '2', minimumQuantity: '3', expireTime: '1970-01-01T00:00:02.000Z' },
      ...{ triggerSource: 'MARK', trailingOffset: '4', trailingUnit: 'BASIS_POINTS', limitOffset: '0.05' },
      ...{ pegKind: 'PRIMARY', pegOffset: '-0.06', selfTradePrevention: 'CANCEL_OLDEST' },
      list: { listId: '77', contingency: 'ONE_CANCELS_OTHER', index: 0, count: 2 },
    });
  });

  it.each([
    ['an order that was sent again and lives', { clientOrderId: 'resting' }],
    ['an order of an instrument that is not there', { instrumentId: 9 }],
    ['a cancel of an order that was lost as well', { kind: 'cancelOrder' as const, order: null, origClientOrderId: 'gone' }],
    ['a cancel that names no order', { kind: 'cancelOrder' as const, order: null }],
  ])('nothing of %s', async (_name, change) => {
    expect(await update(change)).toBeNull();
  });

  it.each([
    ['cancel by order id', { kind: 'cancelOrder' as const, order: null, orderId: '55' }],
    ['amend by client order id', { kind: 'amendOrder' as const, order: null, origClientOrderId: 'resting' }],
  ])('of a lost %s the order as it still stands', async (_name, change) => {
    expect(await update(change)).toMatchObject({ orderId: '55', orderStatus: 'NEW', leavesQuantity: '5', reason: 'REVOKED' });
  });
});
