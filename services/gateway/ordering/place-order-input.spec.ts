import { describe, expect, it } from 'vitest';
import { parseAccountId, parseClientOrderId, parseInstrumentId } from '#contracts/ids/ids.js';
import { unwrap } from '#contracts/result/result.js';
import type { ErrorCode } from '#contracts/tape/codes.generated.js';
import type { OrderType, PlaceOrderInput, PlaceOrderListInput } from '../graphql.generated.js';
import { toOrderList } from './order-list-input.js';
import { parseSessionId, toPlaceOrder } from './place-order-input.js';

const account = unwrap(parseAccountId(1001));
const clientOrderId = unwrap(parseClientOrderId('my-order-1'));
/** BTC-USD of the demo: tick 0.5, lot 0.0001. */
const instrument = {
  instrumentId: unwrap(parseInstrumentId(4)),
  scale: { tickMantissa: 5n, tickExponent: 1, lotMantissa: 1n, lotExponent: 4, moneyExponent: 8 },
};
const entry: PlaceOrderInput = {
  accountId: '1001',
  symbol: 'BTC-USD',
  side: 'BUY',
  orderType: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.25',
  price: '64250.5',
};
const placed = (change: Partial<PlaceOrderInput>) => toPlaceOrder({ ...entry, ...change }, account, instrument, clientOrderId);
const plain = {
  type: 'PlaceOrder',
  accountId: 1001,
  instrumentId: 4,
  side: 1,
  orderType: 2,
  timeInForce: 1,
  priceTicks: 128_501n,
  quantityLots: 2_500n,
  instructions: 0,
  clientOrderId: 'my-order-1',
};

describe('placeOrder as a command', () => {
  it('counts price in ticks and quantity in lots, and a plain order has nothing else', () => {
    expect(placed({})).toEqual({ ok: true, value: plain });
    expect(placed({ postOnly: true })).toEqual({ ok: true, value: { ...plain, instructions: 1 } });
  });

  it('takes a market order without a price, for the day unless told otherwise', () => {
    const { timeInForce: _timeInForce, price: _price, ...rest } = entry;
    expect(toPlaceOrder({ ...rest, side: 'SELL', orderType: 'MARKET' }, account, instrument, clientOrderId)).toMatchObject({
      ok: true,
      value: { orderType: 1, side: 2, timeInForce: 8, priceTicks: 0n, instructions: 0 },
    });
  });

  it.each<[OrderType, Partial<PlaceOrderInput>, object]>([
    ['STOP', { price: null, stopPrice: '64300' }, { orderType: 3, priceTicks: 0n, stopPriceTicks: 128_600n, triggerSource: 1 }],
    ['STOP_LIMIT', { stopPrice: '64300', triggerSource: 'MARK' }, { orderType: 4, stopPriceTicks: 128_600n, triggerSource: 3 }],
    ['MARKET_TO_LIMIT', { price: null }, { orderType: 5, priceTicks: 0n }],
    [
      'TRAILING_STOP',
      { price: null, trailingOffset: '10' },
      { orderType: 6, triggerSource: 1, terms: { trailingOffset: 20n, trailingUnit: 1 } },
    ],
    [
      'TRAILING_STOP_LIMIT',
      { price: null, trailingOffset: '25', trailingUnit: 'BASIS_POINTS', limitOffset: '0', stopPrice: '64300', triggerSource: 'BID_ASK' },
      { orderType: 7, triggerSource: 2, stopPriceTicks: 128_600n, terms: { trailingOffset: 25n, trailingUnit: 2 } },
    ],
    ['MARKET_IF_TOUCHED', { price: null, stopPrice: '64000' }, { orderType: 8, stopPriceTicks: 128_000n }],
    ['LIMIT_IF_TOUCHED', { stopPrice: '64000' }, { orderType: 9, stopPriceTicks: 128_000n, priceTicks: 128_501n }],
    ['PEGGED', { price: null, pegKind: 'MID', pegOffset: '-1.5' }, { orderType: 10, pegKind: 2, terms: { pegOffsetTicks: -3n } }],
    ['LIMIT', { displayQuantity: '0.01', minimumQuantity: '0.02' }, { displayQuantityLots: 100n, terms: { minimumQuantityLots: 200n } }],
    [
      'LIMIT',
      {
        timeInForce: 'GTD',
        expireTime: '2030-01-01T00:00:00Z',
        selfTradePrevention: 'CANCEL_BOTH',
        instructions: ['HIDDEN', 'REDUCE_ONLY'],
      },
      { timeInForce: 6, terms: { expireTimeNanos: 1_893_456_000_000_000_000n }, selfTradePrevention: 3, instructions: 12 },
    ],
  ])('%s %j', (orderType, change, expected) => {
    expect(placed({ orderType, ...change })).toMatchObject({ ok: true, value: expected });
  });

  const rows: readonly [string, Partial<PlaceOrderInput>][] = [
    ['MALFORMED_DECIMAL', { quantity: '' }],
    ['MALFORMED_DECIMAL', { quantity: 'NaN' }],
    ['MALFORMED_DECIMAL', { quantity: 'Infinity' }],
    ['MALFORMED_DECIMAL', { quantity: '1e400' }],
    ['MALFORMED_DECIMAL', { quantity: '0x10' }],
    ['MALFORMED_DECIMAL', { quantity: '1,5' }],
    ['MALFORMED_DECIMAL', { quantity: ' 1' }],
    ['MALFORMED_DECIMAL', { quantity: '١' }],
    ['DECIMAL_OUT_OF_RANGE', { quantity: '123456789012345678901234567890123' }],
    ['DECIMAL_OUT_OF_RANGE', { quantity: '0.0000000000000000001' }],
    ['DECIMAL_OUT_OF_RANGE', { quantity: '999999999999999999' }],
    ['QUANTITY_OFF_LOT', { quantity: '0.00005' }],
    ['QUANTITY_NOT_POSITIVE', { quantity: '0' }],
    ['QUANTITY_NOT_POSITIVE', { quantity: '-0' }],
    ['QUANTITY_NOT_POSITIVE', { quantity: '-1' }],
    ['PRICE_NOT_ALLOWED', { price: null }],
    ['PRICE_NOT_ALLOWED', { orderType: 'MARKET' }],
    ['MALFORMED_DECIMAL', { price: '1e400' }],
    ['DECIMAL_OUT_OF_RANGE', { price: '123456789012345678901234567890123' }],
    ['PRICE_OFF_TICK', { price: '64250.25' }],
    ['PRICE_NOT_POSITIVE', { price: '0' }],
    ['PRICE_NOT_POSITIVE', { price: '-0.5' }],
    ['PRICE_NOT_ALLOWED', { stopPrice: '64000' }],
    ['PRICE_NOT_ALLOWED', { orderType: 'STOP', stopPrice: '64000' }],
    ['PRICE_NOT_ALLOWED', { orderType: 'STOP', price: null }],
    ['PRICE_OFF_TICK', { orderType: 'STOP', price: null, stopPrice: '64000.3' }],
    ['INVALID_ARGUMENT', { triggerSource: 'LAST' }],
    ['INVALID_ARGUMENT', { trailingOffset: '1' }],
    ['INVALID_ARGUMENT', { trailingUnit: 'PRICE' }],
    ['INVALID_ARGUMENT', { orderType: 'TRAILING_STOP', price: null }],
    ['PRICE_OFF_TICK', { orderType: 'TRAILING_STOP', price: null, trailingOffset: '0.3' }],
    ['PRICE_NOT_POSITIVE', { orderType: 'TRAILING_STOP', price: null, trailingOffset: '0' }],
    ['INVALID_ARGUMENT', { orderType: 'TRAILING_STOP', price: null, trailingOffset: '2.5', trailingUnit: 'BASIS_POINTS' }],
    ['INVALID_ARGUMENT', { orderType: 'TRAILING_STOP', price: null, trailingOffset: '10001', trailingUnit: 'BASIS_POINTS' }],
    ['PRICE_NOT_ALLOWED', { orderType: 'TRAILING_STOP', price: null, trailingOffset: '1', limitOffset: '1' }],
    ['PRICE_NOT_ALLOWED', { orderType: 'TRAILING_STOP_LIMIT', price: null, trailingOffset: '1' }],
    ['INVALID_ARGUMENT', { orderType: 'TRAILING_STOP_LIMIT', price: null, trailingOffset: '1', limitOffset: '-1' }],
    ['INVALID_ARGUMENT', { pegKind: 'MID' }],
    ['INVALID_ARGUMENT', { pegOffset: '1' }],
    ['INVALID_ARGUMENT', { orderType: 'PEGGED', price: null }],
    ['PRICE_OFF_TICK', { orderType: 'PEGGED', price: null, pegKind: 'MID', pegOffset: '0.1' }],
    ['QUANTITY_NOT_POSITIVE', { displayQuantity: '0' }],
    ['QUANTITY_OFF_LOT', { minimumQuantity: '0.00001' }],
    ['INVALID_ARGUMENT', { expireTime: '2030-01-01T00:00:00Z' }],
    ['INVALID_ARGUMENT', { timeInForce: 'GTD' }],
    ['INVALID_ARGUMENT', { timeInForce: 'GTD', expireTime: 'tomorrow' }],
  ];
  it.each(rows)('is refused as %s for %j', (code, change) => expect(placed(change)).toMatchObject({ ok: false, problem: { code } }));

  const iceberg = { quantity: '1000', displayQuantity: '1' };
  const pegged = { orderType: 'PEGGED', price: null, pegKind: 'PRIMARY' } as const;
  const trailing = { orderType: 'TRAILING_STOP_LIMIT', price: null, limitOffset: '0', trailingOffset: '1' } as const;
  it.each<[string, ErrorCode, Partial<PlaceOrderInput>, object]>([
    ['quantity', 'MALFORMED_DECIMAL', { quantity: 'x' }, { value: 'x' }],
    ['quantity', 'DECIMAL_OUT_OF_RANGE', { quantity: '1234567890123456789' }, {}],
    ['quantity', 'QUANTITY_OFF_LOT', { quantity: '0.00005' }, { value: '0.00005', step: '0.0001' }],
    ['quantity', 'QUANTITY_NOT_POSITIVE', { quantity: '0' }, { value: '0' }],
    ['displayQuantity', 'QUANTITY_NOT_POSITIVE', { displayQuantity: '0' }, { value: '0' }],
    ['displayQuantity', 'QUANTITY_OFF_LOT', { displayQuantity: '0.00001' }, { step: '0.0001' }],
    ['minimumQuantity', 'MALFORMED_DECIMAL', { minimumQuantity: '1e3' }, { value: '1e3' }],
    ['price', 'PRICE_OFF_TICK', { price: '0.3' }, { value: '0.3', step: '0.5' }],
    ['price', 'PRICE_NOT_POSITIVE', { price: '0' }, { value: '0' }],
    ['stopPrice', 'PRICE_NOT_POSITIVE', { orderType: 'STOP', price: null, stopPrice: '-1' }, { value: '-1' }],
    ['trailingOffset', 'PRICE_NOT_POSITIVE', { ...trailing, trailingOffset: '0' }, { value: '0' }],
    ['limitOffset', 'PRICE_OFF_TICK', { ...trailing, limitOffset: '0.3' }, { step: '0.5' }],
    ['limitOffset', 'INVALID_ARGUMENT', { ...trailing, limitOffset: '-1' }, { expected: '0 or more: the limit lies behind the trigger' }],
    ['pegOffset', 'PRICE_OFF_TICK', { ...pegged, pegOffset: '-0.1' }, { value: '-0.1' }],
    [
      'pegOffset',
      'INVALID_ARGUMENT',
      { ...pegged, pegOffset: '0.5' },
      { value: '0.5', expected: '0 or less of a BUY: it leads away from the opposite side' },
    ],
    [
      'pegOffset',
      'INVALID_ARGUMENT',
      { ...pegged, side: 'SELL', pegOffset: '-1.5' },
      { value: '-1.5', expected: '0 or more of a SELL: it leads away from the opposite side' },
    ],
    ['minimumQuantity', 'INVALID_ARGUMENT', { minimumQuantity: '0.2501' }, { value: '0.2501', expected: 'at most the quantity, 0.25' }],
    [
      'displayQuantity',
      'INVALID_ARGUMENT',
      { ...iceberg, displayQuantity: '0.9999' },
      { value: '0.9999', expected: 'at least 1, a thousandth of the quantity' },
    ],
    [
      'displayQuantity',
      'INVALID_ARGUMENT',
      { ...iceberg, quantity: '1000.0001' },
      { value: '1', expected: 'at least 1.0001, a thousandth of the quantity' },
    ],
  ])('names %s when it is %s of %j', (argument, code, change, details) => {
    expect(placed(change)).toMatchObject({ ok: false, problem: { code, details: { argument, ...details } } });
  });

  it.each<Partial<PlaceOrderInput>>([
    iceberg,
    { minimumQuantity: '0.25' },
    { ...pegged, pegOffset: '0' },
    { ...pegged, pegOffset: '-0.5' },
    { ...pegged, side: 'SELL', pegOffset: '0.5' },
    { displayQuantity: '1' },
  ])('takes %j, which is at its bound or inside it', (change) => expect(placed(change)).toMatchObject({ ok: true }));

  it('is refused for the quantity before the price, and for the price before the trigger', () => {
    const all = { orderType: 'STOP_LIMIT', quantity: '0', price: '0', stopPrice: 'x' } as const;
    expect(placed(all)).toMatchObject({ problem: { code: 'QUANTITY_NOT_POSITIVE' } });
    expect(placed({ ...all, quantity: '1' })).toMatchObject({ problem: { code: 'PRICE_NOT_POSITIVE' } });
    expect(placed({ ...all, quantity: '1', price: '1' })).toMatchObject({ problem: { code: 'MALFORMED_DECIMAL' } });
  });

  it.each(['0', '-1', '4294967296', 'x', '1.5', ''])('refuses the session %j', (text) => {
    expect(parseSessionId(text)).toMatchObject({ ok: false, problem: { code: 'INVALID_ARGUMENT' } });
  });
});

describe('placeOrderList as a batch', () => {
  const leg = { side: 'BUY', orderType: 'LIMIT', timeInForce: 'GTC', quantity: '1', price: '100' } as const;
  const ids = ['a', 'b', 'c', 'd', 'e'].map((text) => unwrap(parseClientOrderId(text)));
  const list = (change: Partial<PlaceOrderListInput>) => {
    const input: PlaceOrderListInput = {
      accountId: '1001',
      symbol: 'BTC-USD',
      contingency: 'ONE_CANCELS_OTHER',
      legs: [leg, leg],
      ...change,
    };
    return toOrderList(input, account, instrument, ids.slice(0, input.legs.length), 9);
  };

  it('gives the legs of a bracket their places, roles and quantity', () => {
    const { commands, listId } = unwrap(
      list({
        contingency: 'BRACKET',
        legs: [leg, { side: 'SELL', orderType: 'LIMIT', price: '120' }, { side: 'SELL', orderType: 'STOP', stopPrice: '90' }],
      }),
    );
    expect(
      commands.map(({ list: link, quantityLots, sessionId }) => [link?.legRole, link?.legIndex, link?.legCount, quantityLots, sessionId]),
    ).toEqual([
      [1, 0, 3, 10_000n, 9],
      [2, 1, 3, 10_000n, 9],
      [3, 2, 3, 10_000n, 9],
    ]);
    expect(new Set(commands.map(({ list: link }) => link?.listId))).toEqual(new Set([listId]));
  });

  it('is the same list when it is sent again, and another one under other ids', () => {
    const once = unwrap(list({}));
    expect(unwrap(list({}))).toEqual(once);
    expect(once.listId).toBeGreaterThan(0n);
    const input: PlaceOrderListInput = { accountId: '1001', symbol: 'BTC-USD', contingency: 'ONE_CANCELS_OTHER', legs: [leg, leg] };
    expect(unwrap(toOrderList(input, account, instrument, ids.slice(1, 3), 9)).listId).not.toBe(once.listId);
    expect(unwrap(list({ listId: '77' })).listId).toBe(77n);
  });

  it.each<[string, Partial<PlaceOrderListInput>]>([
    ['LIST_INVALID', { legs: [leg] }],
    ['LIST_INVALID', { legs: [leg, leg, leg, leg, leg] }],
    ['INVALID_ARGUMENT', { listId: '0' }],
    ['INVALID_ARGUMENT', { listId: '9223372036854775808' }],
    ['QUANTITY_NOT_POSITIVE', { legs: [leg, { side: 'SELL', orderType: 'LIMIT', price: '1' }] }],
    ['PRICE_NOT_ALLOWED', { legs: [leg, { ...leg, orderType: 'STOP' }] }],
  ])('is refused as %s for %j', (code, change) => expect(list(change)).toMatchObject({ ok: false, problem: { code } }));
});
