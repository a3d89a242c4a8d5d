import { describe, expect, it } from 'vitest';
import { parseAccountId, parseClientOrderId, parseInstrumentId } from '#contracts/ids/ids.js';
import { unwrap } from '#contracts/result/result.js';
import type { AmendOrderInput, CashInput } from '../graphql.generated.js';
import { clientOrderIdOf, targetOf, toAmendOrder, toCancelAllOrders, toCancelOrder, toMoveCash } from './order-input.js';

const account = unwrap(parseAccountId(1001));
const clientOrderId = unwrap(parseClientOrderId('my-order-1'));
/** BTC-USD of the demo: tick 0.5, lot 0.0001. */
const instrument = {
  instrumentId: unwrap(parseInstrumentId(4)),
  scale: { tickMantissa: 5n, tickExponent: 1, lotMantissa: 1n, lotExponent: 4, moneyExponent: 8 },
};
describe('the order that an amend or cancel names', () => {
  it.each([
    [{ orderId: '17' }, { ok: true, value: { orderId: 17n } }],
    [{ origClientOrderId: 'a' }, { ok: true, value: { origClientOrderId: 'a' } }],
    [{}, { ok: false, problem: { code: 'INVALID_ARGUMENT' } }],
    [
      { orderId: '17', origClientOrderId: 'a' },
      { ok: false, problem: { code: 'INVALID_ARGUMENT' } },
    ],
    [{ orderId: '0' }, { ok: false, problem: { code: 'UNKNOWN_ORDER' } }],
    [{ orderId: '-1' }, { ok: false, problem: { code: 'UNKNOWN_ORDER' } }],
    [{ orderId: '99999999999999999999' }, { ok: false, problem: { code: 'UNKNOWN_ORDER' } }],
    [{ origClientOrderId: 'no blanks' }, { ok: false, problem: { code: 'INVALID_CLIENT_ORDER_ID' } }],
  ])('%j', (input, expected) => expect(targetOf(input)).toMatchObject(expected));
});

describe('amendOrder as a command', () => {
  const amend: AmendOrderInput = { accountId: '1001', symbol: 'BTC-USD', orderId: '17' };
  it('carries only what changes', () => {
    const result = toAmendOrder({ ...amend, quantity: '1' }, account, instrument, clientOrderId);
    expect(result).toMatchObject({ ok: true, value: { quantityLots: 10_000n, target: { orderId: 17n } } });
    expect(result.ok && 'priceTicks' in result.value).toBe(false);
  });
  it('shows all of an iceberg for a display quantity of 0, and moves a trigger', () => {
    expect(toAmendOrder({ ...amend, displayQuantity: '0', stopPrice: '0.5' }, account, instrument, clientOrderId)).toMatchObject({
      ok: true,
      value: { displayQuantityLots: 0n, stopPriceTicks: 1n },
    });
  });
  it.each([
    ['AMEND_WITHOUT_CHANGE', {}],
    ['PRICE_NOT_POSITIVE', { stopPrice: '0' }],
    ['QUANTITY_OFF_LOT', { displayQuantity: '0.00001' }],
    ['QUANTITY_NOT_POSITIVE', { quantity: '0' }],
    ['PRICE_OFF_TICK', { price: '0.3' }],
    ['INVALID_ARGUMENT', { orderId: null, quantity: '1' }],
  ])('is refused as %s for %j', (code, change) => {
    expect(toAmendOrder({ ...amend, ...change }, account, instrument, clientOrderId)).toMatchObject({ problem: { code } });
  });
  it.each<[string, Partial<AmendOrderInput>, object]>([
    ['quantity', { quantity: '0' }, { value: '0' }],
    ['price', { price: '0.3' }, { value: '0.3', step: '0.5' }],
    ['stopPrice', { stopPrice: '-1' }, { value: '-1' }],
    ['displayQuantity', { displayQuantity: 'x' }, { value: 'x' }],
    ['displayQuantity', { quantity: '1000', displayQuantity: '0.5' }, { expected: 'at least 1, a thousandth of the quantity' }],
  ])('names %s of %j', (argument, change, details) => {
    const result = toAmendOrder({ ...amend, ...change }, account, instrument, clientOrderId);
    expect(result).toMatchObject({ ok: false, problem: { details: { argument, ...details } } });
  });
  it('leaves to the engine how much of a quantity that stays must show', () => {
    expect(toAmendOrder({ ...amend, displayQuantity: '0.0001' }, account, instrument, clientOrderId)).toMatchObject({ ok: true });
  });
});

it('cancelOrder and cancelAllOrders as commands', () => {
  expect(toCancelOrder({ accountId: '1001', symbol: 'BTC-USD', orderId: '17' }, account, instrument, clientOrderId)).toMatchObject({
    ok: true,
    value: { type: 'CancelOrder', instrumentId: 4, target: { orderId: 17n } },
  });
  expect(toCancelAllOrders({ accountId: '1001', side: 'SELL' }, account, 0, clientOrderId)).toMatchObject({
    ok: true,
    value: { type: 'CancelAllOrders', instrumentId: 0, side: 2 },
  });
});

describe('deposit and withdraw as commands', () => {
  const cash: CashInput = { accountId: '1001', currency: 'USD', amount: '12.5' };
  it('have opposite signs', () => {
    expect(toMoveCash(cash, account, 'deposit', clientOrderId)).toMatchObject({
      value: { amountUnits: 1_250_000_000n, reason: 1, currencyId: 840 },
    });
    expect(toMoveCash(cash, account, 'withdraw', clientOrderId)).toMatchObject({ value: { amountUnits: -1_250_000_000n, reason: 2 } });
  });
  it.each([
    ['UNKNOWN_CURRENCY', { currency: 'XXX' }],
    ['UNKNOWN_CURRENCY', { currency: 'toString' }],
    ['MALFORMED_DECIMAL', { amount: '1e3' }],
    ['AMOUNT_NOT_POSITIVE', { amount: '0' }],
    ['AMOUNT_NOT_POSITIVE', { amount: '-5' }],
    ['AMOUNT_OFF_UNIT', { amount: '0.000000001' }],
    ['DECIMAL_OUT_OF_RANGE', { amount: '999999999999999999' }],
  ])('are refused as %s for %j', (code, change) => {
    const result = toMoveCash({ ...cash, ...change }, account, 'deposit', clientOrderId);
    expect(result).toMatchObject({ problem: { code, details: 'amount' in change ? { argument: 'amount' } : {} } });
  });
});

describe('client order ids', () => {
  it("are the client's own, or made for it", () => {
    expect(clientOrderIdOf('mine', () => 'made')).toEqual({ ok: true, value: 'mine' });
    expect(clientOrderIdOf(null, () => 'made')).toEqual({ ok: true, value: 'made' });
  });
  it.each(['', 'x'.repeat(37), 'with blank', 'ümlaut', 'a/b'])('are refused as %j', (text) => {
    expect(clientOrderIdOf(text, () => 'made')).toMatchObject({ problem: { code: 'INVALID_CLIENT_ORDER_ID' } });
  });
});
