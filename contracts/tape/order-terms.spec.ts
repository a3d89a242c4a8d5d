import { describe, expect, it } from 'vitest';
import { recordsOf, type PlaceOrder } from '../commands/order-commands.js';
import { parseAccountId, parseInstrumentId } from '../ids/ids.js';
import { unwrap } from '../result/result.js';
import {
  CancelReasonName,
  Contingency,
  errorTable,
  LegRole,
  OffsetUnit,
  OrderType,
  type OrderTypeName,
  PegKind,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TriggerSource,
} from './codes.generated.js';
import { changingTermsOf, instructionNamesOf, noChangingTerms, noTerms, placedTermsOf, type OrderTermsText } from './order-terms.js';
import { reasonSentence } from './reason-sentences.js';

/** Tick 0.5, lot 0.0001. */
const scale = { tickMantissa: 5n, tickExponent: 1, lotMantissa: 1n, lotExponent: 4, moneyExponent: 8 };
const plain: PlaceOrder = {
  type: 'PlaceOrder',
  accountId: unwrap(parseAccountId(11)),
  instrumentId: unwrap(parseInstrumentId(4)),
  side: Side.Buy,
  orderType: OrderType.Limit,
  timeInForce: TimeInForce.GoodTillCancel,
  priceTicks: 100n,
  quantityLots: 10n,
};
const termsOf = (change: Partial<PlaceOrder>): OrderTermsText => {
  const [record, ...extensions] = recordsOf({ ...plain, ...change });
  if (record?.type !== 'placeOrder') throw new Error('no order');
  expect(record.extensionCount).toBe(extensions.length);
  return placedTermsOf(record, extensions, scale);
};

describe('terms of an order as its command asks for them', () => {
  it('are none for a plain order', () => expect(termsOf({})).toEqual(noTerms));

  it.each<[string, Partial<PlaceOrder>, Partial<OrderTermsText>]>([
    [
      'a stop',
      { orderType: OrderType.Stop, stopPriceTicks: 7n, triggerSource: TriggerSource.Mark },
      { stopPrice: '3.5', triggerSource: 'Mark' },
    ],
    [
      'a trailing distance in prices',
      { triggerSource: TriggerSource.Last, terms: { trailingOffset: 3n, trailingUnit: OffsetUnit.Ticks, limitOffsetTicks: 2n } },
      { triggerSource: 'Last', trailingOffset: '1.5', trailingUnit: 'Ticks', limitOffset: '1' },
    ],
    [
      'a trailing distance in basis points',
      { terms: { trailingOffset: 250n, trailingUnit: OffsetUnit.BasisPoints } },
      { trailingOffset: '250', trailingUnit: 'BasisPoints' },
    ],
    ['a peg behind its price', { pegKind: PegKind.Mid, terms: { pegOffsetTicks: -2n } }, { pegKind: 'Mid', pegOffset: '-1' }],
    ['a peg at its price', { pegKind: PegKind.Primary }, { pegKind: 'Primary', pegOffset: '0' }],
    [
      'an iceberg with a minimum and a date',
      { displayQuantityLots: 5n, terms: { minimumQuantityLots: 2n, expireTimeNanos: 1_767_225_600_000_000_001n } },
      { displayQuantity: '0.0005', minimumQuantity: '0.0002', expireTime: '2026-01-01T00:00:00.000000001Z' },
    ],
    [
      'a leg of a list',
      {
        selfTradePrevention: SelfTradePrevention.CancelBoth,
        list: { listId: 2n ** 63n, contingency: Contingency.Bracket, legRole: LegRole.StopLoss, legCount: 3, legIndex: 2 },
      },
      {
        selfTradePrevention: 'CancelBoth',
        listId: '9223372036854775808',
        contingency: 'Bracket',
        legRole: 'StopLoss',
        legCount: 3,
        legIndex: 2,
      },
    ],
  ])('%s', (_what, change, expected) => expect(termsOf(change)).toEqual({ ...noTerms, ...expected }));

  it.each<[OrderTypeName, string | null]>([
    ['Market', null],
    ['Limit', null],
    ['Stop', '3.5'],
    ['StopLimit', '3.5'],
    ['MarketToLimit', null],
    ['TrailingStop', '3.5'],
    ['TrailingStopLimit', '3.5'],
    ['MarketIfTouched', '3.5'],
    ['LimitIfTouched', '3.5'],
    ['Pegged', null],
  ])('a %s order with a price in the field of the trigger has the stop price %s', (orderType, stopPrice) => {
    const detail = { stopPriceTicks: 7n, displayQuantityLots: 0n, minimumQuantityLots: 0n, expireTimeNanos: 0n };
    expect(changingTermsOf(OrderType[orderType], detail, scale)).toEqual({ ...noChangingTerms, stopPrice });
  });

  it('names instructions bit by bit', () => {
    expect(instructionNamesOf(0)).toEqual([]);
    expect(instructionNamesOf(1 | 4 | 16)).toEqual(['PostOnly', 'ReduceOnly', 'AllOrNone']);
  });
});

it('every reason has a sentence', () => {
  for (const reason of [...Object.values(CancelReasonName), ...Object.keys(errorTable)]) expect(reasonSentence(reason)).toMatch(/\.$|:/);
  expect(reasonSentence('toString')).toBeNull();
  expect(reasonSentence(null)).toBeNull();
});
