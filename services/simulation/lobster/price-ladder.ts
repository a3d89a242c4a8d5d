import type { Side } from '#contracts/tape/codes.generated.js';
import { isBetter } from './book-row.js';

/** Entries of one side of a book by price, best first. Look-up is hashed, a new price costs a binary search and a shift. */
export class PriceLadder<Entry> {
  readonly #side: Side;
  readonly #entries = new Map<bigint, Entry>();
  readonly #prices: bigint[] = [];

  constructor(side: Side) {
    this.#side = side;
  }

  get(price: bigint): Entry | undefined {
    return this.#entries.get(price);
  }

  /** Best price, or undefined for an empty side. */
  best(): bigint | undefined {
    return this.#prices[0];
  }

  /** Prices, best first. Not to be kept across a change. */
  get prices(): readonly bigint[] {
    return this.#prices;
  }

  set(price: bigint, entry: Entry): void {
    if (!this.#entries.has(price)) this.#prices.splice(this.#placeOf(price), 0, price);
    this.#entries.set(price, entry);
  }

  delete(price: bigint): void {
    if (this.#entries.delete(price)) this.#prices.splice(this.#placeOf(price), 1);
  }

  /** Index of the first price that is not better than this one. */
  #placeOf(price: bigint): number {
    let low = 0;
    let high = this.#prices.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBetter(this.#side, this.#prices[middle] ?? price, price)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
