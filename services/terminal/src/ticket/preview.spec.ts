import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFixed, compactText, percentText } from '../model/format.js';
import { instrumentOf, moneyUnits, notional, priceTicks, quantityLots } from '../model/values.js';
import { emptyBook, type BookState } from '../store/book.js';
import { affordableLots, feeOf, previewTicket, type TicketInput } from './preview.js';

const bitcoin = instrumentOf({
  symbol: 'BTC-USD',
  name: 'Bitcoin',
  kind: 'CRYPTO_SPOT',
  currency: 'USD',
  tickSize: '0.5',
  lotSize: '0.0001',
  minNotional: '5',
  makerFeePpm: 100,
  takerFeePpm: 500,
  tradingState: 'ACTIVE',
  multiplier: '1',
});
const level = (ticks: bigint, lots: bigint) => ({ priceTicks: priceTicks(ticks), quantityLots: quantityLots(lots), orderCount: 1 });
const book: BookState = {
  ...emptyBook,
  status: 'live',
  asks: [level(128_000n, 10_000n), level(128_002n, 20_000n)],
  bids: [level(127_999n, 5_000n)],
};
const ticket: TicketInput = { side: 'BUY', orderType: 'LIMIT', quantityText: '1.5', priceText: '64000.5' };

describe('ticket preview', () => {
  it('is exact to the last unit', () => {
    const result = previewTicket(ticket, bitcoin, book);
    expect(result).toMatchObject({
      type: 'ready',
      preview: {
        quantityLots: 15_000n,
        priceTicks: 128_001n,
        notionalUnits: 9_600_075_000_000n,
        feeUnits: 4_800_037_500n,
        totalUnits: 9_604_875_037_500n,
      },
    });
  });

  it('walks the book for a market order and says when it is too small', () => {
    const market = { ...ticket, orderType: 'MARKET', quantityText: '2', priceText: '' } as const;
    expect(previewTicket(market, bitcoin, book)).toMatchObject({
      type: 'ready',
      preview: { priceTicks: 128_002n, notionalUnits: 64_000n * 10n ** 8n + 64_001n * 10n ** 8n, beyondBook: false },
    });
    expect(previewTicket({ ...market, side: 'SELL' }, bitcoin, book)).toMatchObject({ type: 'ready', preview: { beyondBook: true } });
  });

  it.each([
    [{ quantityText: '0.00005' }, 'quantity', 'Multiples of 0.0001'],
    [{ quantityText: '-1' }, 'quantity', 'A positive quantity, such as 10'],
    [{ quantityText: '1e3' }, 'quantity', 'A positive quantity, such as 10'],
    [{ quantityText: 'NaN' }, 'quantity', 'A positive quantity, such as 10'],
    [{ priceText: '64000.25' }, 'price', 'Multiples of 0.5'],
    [{ priceText: '0' }, 'price', 'A positive price'],
  ])('names what is wrong with %j', (changes, field, message) => {
    expect(previewTicket({ ...ticket, ...changes }, bitcoin, book)).toEqual({ type: 'invalid', field, message });
  });

  it.each([{ quantityText: '' }, { priceText: ' ' }])('waits while %j', (changes) =>
    expect(previewTicket({ ...ticket, ...changes }, bitcoin, book)).toEqual({ type: 'incomplete' }),
  );

  it('offers the most that the cash buys with its fee, and not one lot more', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 400_000n), fc.bigInt(0n, 10n ** 17n), (ticks, cash) => {
        const lots = affordableLots(
          { side: 'BUY', priceTicks: priceTicks(ticks), availableUnits: moneyUnits(cash), heldLots: quantityLots(0n) },
          bitcoin,
        );
        const cost = (count: bigint): bigint => {
          const units = notional(priceTicks(ticks), quantityLots(count), bitcoin);
          return units + feeOf(units, bitcoin.takerFeePpm);
        };
        expect(cost(lots)).toBeLessThanOrEqual(cash);
        expect(cost(lots + 1n)).toBeGreaterThan(cash);
      }),
      { seed: 20_260_101 },
    );
  });

  it('offers what is held for a sale', () => {
    const sale = { side: 'SELL', priceTicks: priceTicks(1n), availableUnits: moneyUnits(0n) } as const;
    expect(affordableLots({ ...sale, heldLots: quantityLots(7n) }, bitcoin)).toBe(7n);
    expect(affordableLots({ ...sale, heldLots: quantityLots(-7n) }, bitcoin)).toBe(0n);
  });
});

describe('formats', () => {
  it.each([
    [123_456_789n, 2, 2, '1,234,567.89'],
    [-5n, 1, 0, '−1'],
    [-4n, 1, 0, '0'],
    [999_995n, 3, 2, '1,000.00'],
    [7n, 0, 2, '7.00'],
    [5n, 3, 3, '0.005'],
  ])('%d / 10^%d with %d decimals is %s', (value, exponent, decimals, expected) =>
    expect(formatFixed(value, exponent, decimals)).toBe(expected),
  );

  it.each([
    [1_234n, 0, '1,234'],
    [12_345n, 0, '12.3K'],
    [4_560_000n, 0, '4.56M'],
    [15_000n, 4, '1.500'],
  ])('%d / 10^%d in a narrow column is %s', (value, exponent, expected) => expect(compactText(value, exponent)).toBe(expected));

  it('percentages carry their sign', () =>
    expect([percentText(123n), percentText(-7n), percentText(0n)]).toEqual(['+1.23%', '−0.07%', '0.00%']));
});
