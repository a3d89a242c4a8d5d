import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAccountId, parseClientOrderId, parseInstrumentId, parseOrderId, parseSymbol } from '../ids/ids.js';
import { unwrap } from '../result/result.js';
import { OrderType, Side, TimeInForce } from '../tape/codes.generated.js';
import { decodeCommandRecord, recordBytes } from '../tape/layout.generated.js';
import { viewOf } from '../tape/message.js';
import { readText, textToWords, wordsToText } from '../tape/text-words.js';
import { encodeCommands, type PlaceOrder } from './order-commands.js';

const accountId = unwrap(parseAccountId(7));
const instrumentId = unwrap(parseInstrumentId(3));
const clientOrderId = unwrap(parseClientOrderId('0190f6b2-7c1e-7a31-9d21-0a5f4b1c2d3e'));

const order: PlaceOrder = {
  type: 'PlaceOrder',
  accountId,
  instrumentId,
  clientOrderId,
  side: Side.Sell,
  orderType: OrderType.Limit,
  timeInForce: TimeInForce.GoodTillCancel,
  priceTicks: 101n,
  quantityLots: 5n,
};

describe('commands as records', () => {
  it('puts the client order id into an extension behind the order', () => {
    const { records, commandCount } = encodeCommands([
      order,
      { type: 'CancelOrder', accountId, instrumentId, target: { origClientOrderId: clientOrderId } },
    ]);
    expect([commandCount, records.length / recordBytes]).toEqual([2, 4]);
    const view = viewOf(records);
    expect(decodeCommandRecord(view, 0)).toMatchObject({
      type: 'placeOrder',
      extensionCount: 1,
      accountId: 7,
      instrumentId: 3,
      priceTicks: 101n,
      quantityLots: 5n,
      side: 2,
    });
    expect(readText(view, recordBytes + 16, 40)).toBe(clientOrderId);
    expect(decodeCommandRecord(view, 2 * recordBytes)).toMatchObject({ type: 'cancelOrder', extensionCount: 1, orderId: 0n });
    expect(decodeCommandRecord(view, 3 * recordBytes)).toMatchObject({ type: 'originalClientOrder' });
    expect(readText(view, 3 * recordBytes + 16, 40)).toBe(clientOrderId);
  });

  it('an amend says which fields apply', () => {
    const base = { type: 'AmendOrder', accountId, instrumentId, target: { orderId: unwrap(parseOrderId('9')) } } as const;
    const flagsOf = (bytes: Uint8Array): number => bytes[1] ?? -1;
    expect(flagsOf(encodeCommands([{ ...base, priceTicks: 1n }]).records)).toBe(1);
    expect(flagsOf(encodeCommands([{ ...base, quantityLots: 1n }]).records)).toBe(2);
    expect(flagsOf(encodeCommands([{ ...base, priceTicks: 1n, quantityLots: 1n }]).records)).toBe(3);
  });
});

describe('text in words', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9._:-]{0,36}$/), (text) => {
        expect(wordsToText(textToWords(text, 5))).toBe(text);
      }),
    );
    expect(() => textToWords('x'.repeat(41), 5)).toThrow(RangeError);
  });
});

describe('identifiers', () => {
  it.each(['', 'a b', 'ü', 'x'.repeat(37), 'a/b', 'a\0'])('client order id %j is refused', (text) => {
    expect(parseClientOrderId(text)).toMatchObject({ ok: false, problem: { code: 'INVALID_CLIENT_ORDER_ID' } });
  });
  it.each(['', 'aapl', ' AAPL', 'X'.repeat(33)])('symbol %j is refused', (text) => {
    expect(parseSymbol(text)).toMatchObject({ ok: false, problem: { code: 'UNKNOWN_INSTRUMENT' } });
  });
  it.each(['0', '-1', '1.5', '1e3', '18446744073709551616', ''])('order id %j is refused', (text) => {
    expect(parseOrderId(text)).toMatchObject({ ok: false, problem: { code: 'UNKNOWN_ORDER' } });
  });
  it.each([0, -1, 1.5, Number.NaN, 2 ** 32])('account id %d is refused', (value) => {
    expect(parseAccountId(value)).toMatchObject({ ok: false, problem: { code: 'INVALID_ARGUMENT' } });
  });
});
