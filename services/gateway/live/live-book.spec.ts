import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levelChanges, LiveBook, type LiveLevel } from './live-book.js';

const level = (priceTicks: bigint, quantityLots: bigint, orderCount = 1): LiveLevel => ({ priceTicks, quantityLots, orderCount });

/** Prices of a side as a slow and obvious model has them. */
const sorted = (levels: ReadonlyMap<bigint, LiveLevel>, isBid: boolean): LiveLevel[] =>
  [...levels.values()].sort((a, b) => (isBid ? Number(b.priceTicks - a.priceTicks) : Number(a.priceTicks - b.priceTicks)));

const change = fc.record({
  isBid: fc.boolean(),
  price: fc.integer({ min: 1, max: 30 }),
  quantity: fc.integer({ min: 0, max: 3 }),
  orders: fc.integer({ min: 1, max: 2 }),
});

describe('LiveBook', () => {
  it('keeps the levels of both sides best first, whatever the order of changes', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
        const book = new LiveBook();
        const model = { bids: new Map<bigint, LiveLevel>(), asks: new Map<bigint, LiveLevel>() };
        changes.forEach(({ isBid, price, quantity, orders }, index) => {
          const next = level(BigInt(price), BigInt(quantity), quantity === 0 ? 0 : orders);
          expect(book.apply({ ...next, isBid, bookSequence: BigInt(index + 1) })).toBe(true);
          const side = isBid ? model.bids : model.asks;
          if (quantity === 0) side.delete(next.priceTicks);
          else side.set(next.priceTicks, next);
        });
        expect(book.bids).toEqual(sorted(model.bids, true));
        expect(book.asks).toEqual(sorted(model.asks, false));
        expect(book.sequence).toBe(BigInt(changes.length));
      }),
    );
  });

  it('refuses a change that does not follow, and stays as it was', () => {
    const book = new LiveBook();
    expect(book.apply({ ...level(10n, 5n), isBid: true, bookSequence: 1n })).toBe(true);
    for (const bookSequence of [1n, 3n, 0n]) expect(book.apply({ ...level(11n, 5n), isBid: true, bookSequence })).toBe(false);
    expect(book.bids).toEqual([level(10n, 5n)]);
    expect(book.sequence).toBe(1n);
  });

  it('counts the market orders of an auction in its sequence alone', () => {
    const book = new LiveBook();
    expect(book.apply({ ...level(0n, 5n), isBid: false, bookSequence: 1n })).toBe(true);
    expect(book.apply({ ...level(10n, 5n), isBid: false, bookSequence: 2n })).toBe(true);
    expect(book.asks).toEqual([level(10n, 5n)]);
    expect(book.sequence).toBe(2n);
  });

  it('goes on from a snapshot', () => {
    const head = {
      instrumentId: 1,
      lastTradeId: null,
      lastPriceTicks: null,
      lastQuantityLots: null,
      lastTradeAt: null,
      referencePriceTicks: null,
    };
    const book = LiveBook.from({
      ...head,
      bookSequence: 7n,
      bids: [{ side: 'Buy', ...level(10n, 1n) }],
      asks: [{ side: 'Sell', ...level(12n, 1n) }],
    });
    expect(book.apply({ ...level(11n, 4n), isBid: true, bookSequence: 8n })).toBe(true);
    expect(book.bids.map(({ priceTicks }) => priceTicks)).toEqual([11n, 10n]);
  });
});

describe('levelChanges', () => {
  it('turns any view into any other', () => {
    const view = fc.uniqueArray(fc.record({ price: fc.integer({ min: 1, max: 12 }), quantity: fc.integer({ min: 1, max: 3 }) }), {
      selector: ({ price }) => price,
    });
    fc.assert(
      fc.property(view, view, (a, b) => {
        const before = a.map(({ price, quantity }) => level(BigInt(price), BigInt(quantity)));
        const after = b.map(({ price, quantity }) => level(BigInt(price), BigInt(quantity)));
        const held = new Map(before.map((one) => [one.priceTicks, one]));
        for (const one of levelChanges(before, after)) {
          if (one.quantityLots === 0n) held.delete(one.priceTicks);
          else held.set(one.priceTicks, one);
        }
        expect(sorted(held, false)).toEqual(sorted(new Map(after.map((one) => [one.priceTicks, one])), false));
      }),
    );
  });

  it('is silent about what stayed', () => {
    expect(levelChanges([level(1n, 5n), level(2n, 5n)], [level(1n, 5n), level(2n, 5n)])).toEqual([]);
    expect(levelChanges([level(1n, 5n, 1)], [level(1n, 5n, 2)])).toEqual([level(1n, 5n, 2)]);
  });
});
