import { Side } from '#contracts/tape/codes.generated.js';
import type { Parsed } from './lobster-message.js';

/** One occupied level of a recorded row. */
export interface RowLevel {
  readonly price: bigint;
  readonly quantity: bigint;
}

/** The book after one message as the order-book file shows it: at most `depth` levels a side, best first. Prices in the file's unit. */
export interface BookRow {
  readonly depth: number;
  readonly buy: readonly RowLevel[];
  readonly sell: readonly RowLevel[];
}

/** What stands in the place of a price where a side has no more levels. */
const noPrice = 9_999_999_999n;
const integer = /^-?\d{1,15}$/;
const columnsPerLevel = 4;

const byPrice = (direction: 1n | -1n) => (a: RowLevel, b: RowLevel) => Number((a.price - b.price) * direction);

/** Parses one row (ask price, ask size, bid price, bid size per level). `depth` is null for the first row, which decides it. */
export const parseBookRow = (line: string, depth: number | null): Parsed<BookRow> => {
  const columns = line.split(',');
  if (columns.length % columnsPerLevel !== 0) return { ok: false, reason: `${columns.length} columns, not a multiple of 4` };
  const levels = columns.length / columnsPerLevel;
  if (depth !== null && levels !== depth) return { ok: false, reason: `${columns.length} columns instead of ${depth * columnsPerLevel}` };
  const sell: RowLevel[] = [];
  const buy: RowLevel[] = [];
  for (let index = 0; index < columns.length; index += 2) {
    const priceText = (columns[index] ?? '').trim();
    const sizeText = (columns[index + 1] ?? '').trim();
    if (!integer.test(priceText)) return { ok: false, reason: `column ${index + 1}: price "${priceText}"` };
    if (!integer.test(sizeText)) return { ok: false, reason: `column ${index + 2}: size "${sizeText}"` };
    const price = BigInt(priceText);
    const quantity = BigInt(sizeText);
    if (quantity < 0n) return { ok: false, reason: `column ${index + 2}: size "${sizeText}"` };
    if (quantity === 0n || price === noPrice || price === -noPrice) continue;
    if (price <= 0n) return { ok: false, reason: `column ${index + 1}: price "${priceText}"` };
    (index % columnsPerLevel === 0 ? sell : buy).push({ price, quantity });
  }
  return { ok: true, value: { depth: levels, buy: buy.sort(byPrice(-1n)), sell: sell.sort(byPrice(1n)) } };
};

export const rowSide = (row: BookRow, side: Side): readonly RowLevel[] => (side === Side.Buy ? row.buy : row.sell);

/**
 * Whether a price is in view in a row: at or better than the worst level that it lists, or anywhere when the side lists fewer levels
 * than the file has room for, because the whole side is shown then.
 */
export const isInView = (row: BookRow, side: Side, price: bigint): boolean => {
  const levels = rowSide(row, side);
  const worst = levels.at(-1);
  if (levels.length < row.depth || worst === undefined) return true;
  return side === Side.Buy ? price >= worst.price : price <= worst.price;
};

/** The row as the file writes it, for messages. */
export const formatBookRow = (row: BookRow): string =>
  Array.from({ length: row.depth }, (_, index) => {
    const sell = row.sell[index];
    const buy = row.buy[index];
    return `${sell?.price ?? noPrice},${sell?.quantity ?? 0n},${buy?.price ?? -noPrice},${buy?.quantity ?? 0n}`;
  }).join(',');

export const bothSides: readonly [Side, Side] = [Side.Buy, Side.Sell];
export const oppositeOf = (side: Side): Side => (side === Side.Buy ? Side.Sell : Side.Buy);
/** Whether `price` of this side would trade with, or lock, `other` of the opposite side. */
export const crosses = (side: Side, price: bigint, other: bigint): boolean => (side === Side.Buy ? price >= other : price <= other);
/** Whether `a` comes before `b` in the queue of this side. */
export const isBetter = (side: Side, a: bigint, b: bigint): boolean => (side === Side.Buy ? a > b : a < b);
