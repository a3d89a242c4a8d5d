import type { Side } from '#contracts/tape/codes.generated.js';
import { bothSides, isInView, rowSide, type BookRow } from './book-row.js';
import { takeFromLevel } from './level-quantity.js';
import type { OrderDesk } from './order-desk.js';
import type { RemovalsAhead } from './removals-ahead.js';

/** Levels that came into view and were not as recorded, and the quantity that this took. */
export interface Reconciliation {
  readonly levelsSeeded: number;
  readonly quantitySeeded: bigint;
  readonly levelsTrimmed: number;
  readonly quantityTrimmed: bigint;
}

/** Prices that the row shows now and the row before did not: nothing is known of what happened there in between. */
const enteredPrices = (desk: OrderDesk, side: Side, rows: { readonly before: BookRow; readonly after: BookRow }): Set<bigint> => {
  const entered = new Set<bigint>();
  for (const { price } of rowSide(rows.after, side)) if (!isInView(rows.before, side, price)) entered.add(price);
  for (const price of desk.prices(side)) {
    if (!isInView(rows.after, side, price)) break;
    if (!isInView(rows.before, side, price)) entered.add(price);
  }
  return entered;
};

/**
 * Brings every level that comes into view to its recorded quantity: missing quantity is seeded, stale quantity cancelled. An order that
 * the file never names again may have gone unseen, so what is left of it counts as seeded quantity from here on.
 */
export const reconcileView = (
  desk: OrderDesk,
  rows: { readonly before: BookRow; readonly after: BookRow },
  ahead: RemovalsAhead,
): Reconciliation => {
  let levelsSeeded = 0;
  let quantitySeeded = 0n;
  let levelsTrimmed = 0;
  let quantityTrimmed = 0n;
  for (const side of bothSides) {
    const recorded = new Map(rowSide(rows.after, side).map(({ price, quantity }) => [price, quantity]));
    for (const price of enteredPrices(desk, side, rows)) {
      if (desk.held.some((held) => held.side === side && held.price === price)) continue;
      for (const order of desk.queue(side, price)) {
        if (order.orderRef !== null && ahead.remaining(order.orderRef) === 0n) desk.forgetName(order);
      }
      const missing = (recorded.get(price) ?? 0n) - desk.quantityAt(side, price);
      if (missing > 0n) {
        desk.place(side, price, missing, null);
        levelsSeeded += 1;
        quantitySeeded += missing;
      } else if (missing < 0n) {
        takeFromLevel(desk, { side, price }, -missing, ahead);
        levelsTrimmed += 1;
        quantityTrimmed -= missing;
      }
    }
  }
  return { levelsSeeded, quantitySeeded, levelsTrimmed, quantityTrimmed };
};
