import { describe, expect, it } from 'vitest';
import { instrumentOf } from '../model/values.js';
import { emptyForm, requestOf, timeInForceOf, timesInForceOf, type OrderForm } from './order-form.js';

const nova = instrumentOf({
  symbol: 'NOVA',
  name: 'Nova',
  kind: 'EQUITY',
  currency: 'USD',
  tickSize: '0.01',
  lotSize: '1',
  minNotional: null,
  makerFeePpm: 0,
  takerFeePpm: 300,
  tradingState: 'ACTIVE',
  multiplier: '1',
});
const filled = (change: Partial<OrderForm>): OrderForm => ({ ...emptyForm, quantity: '10', price: '100', ...change });
const request = (change: Partial<OrderForm>) => requestOf(filled(change), nova);

describe('the request that a ticket means', () => {
  it('sends what the type takes and nothing else', () => {
    expect(request({ stopPrice: '1', trailingOffset: '2', pegOffset: '3', takeProfit: '4' })).toEqual({
      type: 'order',
      request: { symbol: 'NOVA', side: 'BUY', orderType: 'LIMIT', timeInForce: 'GTC', quantity: '10', price: '100' },
    });
  });

  it.each<[Partial<OrderForm>, object]>([
    [{ orderType: 'MARKET' }, { orderType: 'MARKET', timeInForce: 'IOC' }],
    [
      { orderType: 'STOP', stopPrice: '110', triggerSource: 'MARK' },
      { stopPrice: '110', triggerSource: 'MARK' },
    ],
    [
      { orderType: 'STOP_LIMIT', stopPrice: '110' },
      { stopPrice: '110', price: '100', triggerSource: 'LAST' },
    ],
    [
      { orderType: 'TRAILING_STOP', trailingOffset: '1.5' },
      { trailingOffset: '1.5', trailingUnit: 'PRICE' },
    ],
    [
      { orderType: 'TRAILING_STOP_LIMIT', trailingOffset: '2.5', trailingUnit: 'BASIS_POINTS' },
      { trailingOffset: '250', trailingUnit: 'BASIS_POINTS', limitOffset: '0' },
    ],
    [
      { orderType: 'PEGGED', pegKind: 'MID', pegOffset: '0.05' },
      { pegKind: 'MID', pegOffset: '-0.05' },
    ],
    [
      { orderType: 'PEGGED', side: 'SELL', pegOffset: '0.05', pegCap: '99' },
      { pegKind: 'PRIMARY', pegOffset: '0.05', price: '99' },
    ],
    [
      { displayQuantity: '5', minimumQuantity: '2' },
      { displayQuantity: '5', minimumQuantity: '2' },
    ],
    [{ postOnly: 'reprice', reduceOnly: true }, { instructions: ['POST_ONLY_REPRICE', 'REDUCE_ONLY'] }],
    [{ selfTradePrevention: 'CANCEL_BOTH' }, { selfTradePrevention: 'CANCEL_BOTH' }],
    [
      { timeInForce: 'GTD', expires: '2030-01-01T12:00Z' },
      { timeInForce: 'GTD', expireTime: '2030-01-01T12:00:00.000Z' },
    ],
  ])('%j', (change, expected) => expect(request(change)).toMatchObject({ type: 'order', request: expected }));

  it('makes a bracket of an entry and two exits on the other side', () => {
    expect(request({ mode: 'bracket', takeProfit: '120', stopLoss: '90' })).toEqual({
      type: 'list',
      request: {
        symbol: 'NOVA',
        contingency: 'BRACKET',
        legs: [
          { side: 'BUY', orderType: 'LIMIT', timeInForce: 'GTC', quantity: '10', price: '100' },
          { side: 'SELL', orderType: 'LIMIT', timeInForce: 'GTC', quantity: '10', price: '120' },
          { side: 'SELL', orderType: 'STOP', timeInForce: 'GTC', quantity: '10', stopPrice: '90', triggerSource: 'LAST' },
        ],
      },
    });
  });

  it('makes an OCO of a limit and a stop on one side', () => {
    expect(request({ mode: 'oco', side: 'SELL', stopLoss: '90' })).toMatchObject({
      type: 'list',
      request: {
        contingency: 'ONE_CANCELS_OTHER',
        legs: [
          { side: 'SELL', price: '100' },
          { side: 'SELL', stopPrice: '90' },
        ],
      },
    });
  });

  it.each<[Partial<OrderForm>]>([
    [{ quantity: '' }],
    [{ price: ' ' }],
    [{ orderType: 'STOP' }],
    [{ orderType: 'TRAILING_STOP' }],
    [{ timeInForce: 'GTD' }],
    [{ mode: 'bracket', takeProfit: '120' }],
    [{ mode: 'oco' }],
  ])('is incomplete: %j', (change) => expect(request(change)).toEqual({ type: 'incomplete' }));

  it.each<[Partial<OrderForm>, keyof OrderForm]>([
    [{ quantity: '1.5' }, 'quantity'],
    [{ price: '1.001' }, 'price'],
    [{ orderType: 'STOP', stopPrice: '0' }, 'stopPrice'],
    [{ orderType: 'TRAILING_STOP', trailingOffset: '101', trailingUnit: 'BASIS_POINTS' }, 'trailingOffset'],
    [{ orderType: 'TRAILING_STOP_LIMIT', trailingOffset: '1', limitOffset: '-1' }, 'limitOffset'],
    [{ orderType: 'PEGGED', pegOffset: '0.001' }, 'pegOffset'],
    [{ orderType: 'PEGGED', pegOffset: '-0.05' }, 'pegOffset'],
    [{ orderType: 'PEGGED', pegCap: '0' }, 'pegCap'],
    [{ displayQuantity: '0' }, 'displayQuantity'],
    [{ mode: 'bracket', takeProfit: 'x', stopLoss: '90' }, 'takeProfit'],
  ])('names the field that is wrong: %j', (change, field) => expect(request(change)).toMatchObject({ type: 'invalid', field }));

  it.each<[Partial<OrderForm>, readonly string[]]>([
    [{ orderType: 'PEGGED', pegOffset: '' }, ['REDUCE_ONLY', 'HIDDEN']],
    [{ orderType: 'MARKET' }, ['REDUCE_ONLY', 'ALL_OR_NONE']],
    [{ orderType: 'STOP_LIMIT', stopPrice: '110' }, ['REDUCE_ONLY', 'HIDDEN', 'ALL_OR_NONE']],
    [{}, ['POST_ONLY', 'REDUCE_ONLY', 'HIDDEN', 'ALL_OR_NONE']],
  ])('does not send conditions that the type never takes: %j', (change, instructions) => {
    const conditions = { postOnly: 'refuse', reduceOnly: true, hidden: true, allOrNone: true } as const;
    expect(request({ ...conditions, ...change })).toMatchObject({ request: { instructions } });
  });

  it('an iceberg of a type that shows everything is sent whole', () => {
    expect(request({ orderType: 'MARKET', displayQuantity: '5' })).not.toHaveProperty('request.displayQuantity');
  });

  it('falls back to a time in force that the type has', () => {
    expect(timeInForceOf(filled({ orderType: 'MARKET', timeInForce: 'GTC' }))).toBe('IOC');
    expect(timeInForceOf(filled({ orderType: 'STOP', timeInForce: 'FOK' }))).toBe('GTC');
    expect(timesInForceOf({ mode: 'order', orderType: 'LIMIT' })).toContain('OPG');
  });
});
