import type { BookSnapshot } from '#platform/read-side/index.js';

/** One visible price level. */
export interface LiveLevel {
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  readonly orderCount: number;
}

/** One level report of the tape. */
export interface LevelChange extends LiveLevel {
  readonly isBid: boolean;
  readonly bookSequence: bigint;
}

/** Levels of one side, best first. A change costs a binary search and a move of the levels behind it. */
class BookSide {
  readonly #levels: LiveLevel[] = [];

  constructor(private readonly isBid: boolean) {}

  get levels(): readonly LiveLevel[] {
    return this.#levels;
  }

  set(level: LiveLevel): void {
    const at = this.#find(level.priceTicks);
    const isThere = this.#levels[at]?.priceTicks === level.priceTicks;
    if (level.quantityLots <= 0n) {
      if (isThere) this.#levels.splice(at, 1);
    } else this.#levels.splice(at, isThere ? 1 : 0, level);
  }

  /** Index of the price, or where it belongs. */
  #find(priceTicks: bigint): number {
    let low = 0;
    let high = this.#levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#levels[middle]?.priceTicks ?? 0n;
      const isBefore = this.isBid ? there > priceTicks : there < priceTicks;
      if (isBefore) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The visible book of one instrument, kept from level reports that carry absolute quantities. */
export class LiveBook {
  readonly #bids = new BookSide(true);
  readonly #asks = new BookSide(false);
  #sequence = 0n;

  static from(snapshot: BookSnapshot): LiveBook {
    const book = new LiveBook();
    for (const level of snapshot.bids) book.#set(true, level);
    for (const level of snapshot.asks) book.#set(false, level);
    book.#sequence = snapshot.bookSequence;
    return book;
  }

  /** Sequence of the last change; changes count from 1 without a gap. */
  get sequence(): bigint {
    return this.#sequence;
  }

  get bids(): readonly LiveLevel[] {
    return this.#bids.levels;
  }

  get asks(): readonly LiveLevel[] {
    return this.#asks.levels;
  }

  /** False when the change does not follow the last one: the book is then not what the tape says and must be read again. */
  apply(change: LevelChange): boolean {
    if (change.bookSequence !== this.#sequence + 1n) return false;
    this.#sequence = change.bookSequence;
    const { priceTicks, quantityLots, orderCount } = change;
    this.#set(change.isBid, { priceTicks, quantityLots, orderCount });
    return true;
  }

  /** Market orders that an auction collects stand at price 0: they have no price to show, and are no best price. */
  #set(isBid: boolean, level: LiveLevel): void {
    if (level.priceTicks > 0n) (isBid ? this.#bids : this.#asks).set(level);
  }

  top(depth: number): { readonly bids: readonly LiveLevel[]; readonly asks: readonly LiveLevel[] } {
    return { bids: this.bids.slice(0, depth), asks: this.asks.slice(0, depth) };
  }
}

/** What turns one view of a side into another: changed levels, and levels of quantity 0 for those that left it. */
export const levelChanges = (before: readonly LiveLevel[], after: readonly LiveLevel[]): LiveLevel[] => {
  const old = new Map(before.map((level) => [level.priceTicks, level]));
  const changes: LiveLevel[] = [];
  for (const level of after) {
    const previous = old.get(level.priceTicks);
    old.delete(level.priceTicks);
    if (previous === undefined || previous.quantityLots !== level.quantityLots || previous.orderCount !== level.orderCount)
      changes.push(level);
  }
  for (const { priceTicks } of old.values()) changes.push({ priceTicks, quantityLots: 0n, orderCount: 0 });
  return changes;
};
