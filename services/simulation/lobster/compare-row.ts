import type { Side } from '#contracts/tape/codes.generated.js';
import { bothSides, isInView, rowSide, type BookRow } from './book-row.js';
import type { ClientBook } from './client-book.js';

export interface LevelDifference {
  readonly side: Side;
  readonly price: bigint;
  readonly expectedQuantity: bigint;
  readonly actualQuantity: bigint;
}

export interface RowComparison {
  /** Levels that were also in view in the row before, whether or not they are occupied in both books. */
  readonly levelsCompared: number;
  readonly levelsEqual: number;
  /** Differences of compared levels and of levels that were reconciled for this row. */
  readonly differences: readonly LevelDifference[];
}

/** A level that cannot be held in a continuous book (its order would trade at once) and is therefore left out. */
export type IsLeftOut = (side: Side, price: bigint) => boolean;

/**
 * Compares a recorded row with the client's book at every price that the row shows: the levels it lists, and the levels that the book
 * has in the same range without the row listing them. `priceUnit` is the number of file price units in one tick.
 */
export const compareRow = (
  rows: { readonly before: BookRow; readonly after: BookRow },
  book: ClientBook,
  options: { readonly priceUnit: bigint; readonly isLeftOut: IsLeftOut },
): RowComparison => {
  let levelsCompared = 0;
  let levelsEqual = 0;
  const differences: LevelDifference[] = [];
  const check = (side: Side, price: bigint, expectedQuantity: bigint, actualQuantity: bigint): void => {
    if (options.isLeftOut(side, price)) return;
    const wasInView = isInView(rows.before, side, price);
    const isEqual = expectedQuantity === actualQuantity;
    if (wasInView) levelsCompared += 1;
    if (wasInView && isEqual) levelsEqual += 1;
    if (!isEqual) differences.push({ side, price, expectedQuantity, actualQuantity });
  };
  for (const side of bothSides) {
    const listed = new Set<bigint>();
    for (const { price, quantity } of rowSide(rows.after, side)) {
      listed.add(price);
      check(side, price, quantity, book.quantityAt(side, price / options.priceUnit));
    }
    for (const priceTicks of book.prices(side)) {
      const price = priceTicks * options.priceUnit;
      if (!isInView(rows.after, side, price)) break;
      if (!listed.has(price)) check(side, price, 0n, book.quantityAt(side, priceTicks));
    }
  }
  return { levelsCompared, levelsEqual, differences };
};
