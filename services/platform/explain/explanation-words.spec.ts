import { describe, expect, it } from 'vitest';
import { CancelReason, OrderType, Side, TradingPhase, TriggerSource } from '#contracts/tape/codes.generated.js';
import type { ExplanationNote } from '../engine/explanation.js';
import { explanationDocument } from './explanation-document.js';
import { explanationLines, noteText, type Reader } from './explanation-words.js';

const instrument = {
  ...{ instrumentId: 1, symbol: 'NOVA', currency: 'USD' },
  scale: { tickMantissa: 1n, tickExponent: 2, lotMantissa: 1n, lotExponent: 3, moneyExponent: 8 },
};
const say = (note: ExplanationNote, reader: Reader = 'owner', known: typeof instrument | null = instrument): string =>
  noteText(note, { orderId: 7n, orderType: OrderType.Limit, instrument: known, reader, timeNanos: nowNanos });
/** 2026-06-01T12:00:00Z */
const nowNanos = 1_780_315_200_000_000_000n;
const check = (code: string, relation: 'atMost' | 'atLeast' | 'holds' | 'refused', observed = 0n, limit = 0n): ExplanationNote => ({
  ...{ type: 'check', check: code as 'GLOBAL_HALT', passed: relation !== 'refused', relation, observed, limit },
});
const match: ExplanationNote = {
  ...{ type: 'match', takerOrderId: 7n, makerOrderId: 5n, priceTicks: 10_050n, lots: 2_500n },
  ...{ makerPlace: 3n, nextPlace: 4n, nextPriceTicks: 10_060n },
};
const rested: ExplanationNote = {
  ...{ type: 'rested', orderId: 7n, priceTicks: 10_000n, leavesLots: 1_000n, ordersAhead: 2n, lotsAhead: 9_000n },
  ...{ betterLots: 4_000n, reservedUnits: 12_345_000_000n },
};
const shown: ExplanationNote = { type: 'shown', orderId: 7n, ordersAhead: 1n, lotsAhead: 3_000n, betterLots: 0n };

describe('explanations in words', () => {
  it.each<[ExplanationNote, string]>([
    [check('MAX_ORDER_QUANTITY', 'atMost', 1_500n, 2_000n), 'passed   order quantity: 1.5 is at most 2'],
    [check('MIN_NOTIONAL', 'atLeast', 250_000_000n, 100_000_000n), 'passed   value of the order: 2.5 is at least 1'],
    [check('PRICE_OUTSIDE_COLLAR', 'atMost', 10_001n, 11_000n), 'passed   price against the reference price: 100.01 is at most 110'],
    [check('MAX_OPEN_ORDERS', 'atMost', 3n, 5n), 'passed   open orders: 3 is at most 5'],
    [check('GLOBAL_HALT', 'holds'), 'passed   trading is not halted'],
    [
      check('POSITION_LIMIT', 'refused', 10_000n, 9_000n),
      'REFUSED  POSITION_LIMIT: The order could take the position beyond its limit. 10 against 9.',
    ],
    [check('GLOBAL_HALT', 'refused'), 'REFUSED  GLOBAL_HALT: All trading is halted.'],
    [check('CODE_9999', 'holds'), 'passed   CODE_9999'],
    [
      check('MARKET_CLOSED', 'refused', BigInt(TradingPhase.OpeningAuction)),
      'REFUSED  MARKET_CLOSED: The instrument is not in a phase that takes this order. It is OPENING_AUCTION.',
    ],
    [
      check('INVALID_ARGUMENT', 'refused', nowNanos - 1_000_000_000n, nowNanos),
      'REFUSED  INVALID_ARGUMENT: An argument is not valid. expireTime 2026-06-01T11:59:59.000Z: expected a time behind 2026-06-01T12:00:00.000Z.',
    ],
    [
      {
        type: 'order',
        orderId: 7n,
        step: 'placed',
        side: Side.Buy,
        orderType: OrderType.Limit,
        priceTicks: 1n,
        leavesLots: 5n,
        stopTicks: 0n,
      },
      'placed   buy 0.005 at 0.01',
    ],
    [
      { type: 'cost', notionalUnits: 100_000_000n, ratePpm: 250n, carry: 0n, neededUnits: 100_025_000n },
      'needs    1.00025 USD: 1 USD and a fee of 0.025 %',
    ],
    [
      { type: 'waits', orderId: 7n, triggerSource: TriggerSource.Mark, stopTicks: 100n, priceTicks: 0n, reservedUnits: 0n },
      'waits    for the mark price to reach 1 (none yet); 0 USD held for it',
    ],
    [
      { type: 'repriced', orderId: 7n, askedTicks: 100n, priceTicks: 0n, bestTicks: 0n },
      'priced   nothing: it stands outside the book until there is a price to follow',
    ],
    [
      { type: 'ended', orderId: 7n, reason: CancelReason.Requested, leavesLots: 1_000n, cumLots: 0n },
      'ended    1 open, 0 filled: Canceled as you asked.',
    ],
  ])("note %# is said in the instrument's decimals", (note, text) => expect(say(note)).toBe(text));

  it.each<[string, number | null, bigint, string]>([
    ['a stop has a trigger', OrderType.Stop, 7n, 'placed   buy 2 at the market, trigger 120'],
    ['a market order that waits for its auction has a bound', OrderType.Market, 7n, 'placed   buy 2 at the market, valued at 120'],
    ['of another order the type is not known', OrderType.Market, 8n, 'placed   buy 2 at the market, trigger 120'],
    ['nor where the reading began late', null, 7n, 'placed   buy 2 at the market, trigger 120'],
  ])('the price beside an order: %s', (_what, orderType, noteOrderId, text) => {
    const note: ExplanationNote = {
      ...{ type: 'order', orderId: noteOrderId, step: 'placed', side: Side.Buy, orderType: OrderType.Market },
      ...{ priceTicks: 0n, leavesLots: 2_000n, stopTicks: 12_000n },
    };
    expect(noteText(note, { orderId: 7n, orderType, instrument, reader: 'owner', timeNanos: nowNanos })).toBe(text);
  });

  it('an owner is not told of others: neither who they are nor what they hide', () => {
    expect(say(match)).toBe('trade    2.5 at 100.5 with an order that rested: the best price, and the first in its queue');
    expect(say(rested)).toBe('rests    1 at 100, 123.45 USD held for it');
    expect(say(shown)).toBe('queue    behind 1 order (3) at its price');
    expect(say({ type: 'prevented', takerOrderId: 7n, makerOrderId: 5n, mode: 2, takerLeavesLots: 1n, makerLeavesLots: 1n })).not.toContain(
      '5',
    );
  });

  it('an operator is', () => {
    expect(say(match, 'operator')).toContain(
      'with order 5 that rested: best price, place 3 (the next at the price has place 4, the next price is 100.6)',
    );
    expect(say(rested, 'operator')).toBe('rests    1 at 100 behind 2 orders (9) at its price, 4 at better prices; 123.45 USD held for it');
    expect(say(shown, 'operator')).toContain('as everybody sees it');
  });

  it('amounts of an instrument that is not known are said with their units', () => {
    expect(say(rested, 'owner', null)).toBe('rests    1000 lots at tick 10000, 12345000000 units held for it');
  });

  it('lines for people have decimals alone, the document for programs has both', () => {
    const explanation = {
      ...{ orderId: 7n, orderType: OrderType.Limit, instrument, filledLots: 2_500n, feeUnits: 1_000_000n, droppedNotes: 0 },
      commands: [{ commandNumber: 7n, command: 'PlaceOrder', timeNanos: 1_000_000_000n, notes: [match] }],
    };
    const lines = explanationLines(explanation);
    expect(lines.slice(0, 2)).toEqual([
      'order 7 of NOVA: 2.5 filled, 0.01 USD of fees',
      '1970-01-01T00:00:01.000Z  command 7  place order',
    ]);
    const { filledQuantity, fees, commands } = explanationDocument(explanation);
    expect({ filledQuantity, fees }).toEqual({ filledQuantity: '2.5', fees: '0.01' });
    expect(commands[0]?.notes[0]).toMatchObject({ ...match, text: lines[2]?.trim() });
  });
});
