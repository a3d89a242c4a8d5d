import { Side } from '#contracts/tape/codes.generated.js';
import { createPrng, type Prng } from '../../flow/prng.js';
import { bothSides, formatBookRow, isBetter, isInView, oppositeOf, type BookRow, type RowLevel } from '../book-row.js';

export interface GeneratedDay {
  /** Text of the two files. */
  readonly messages: string;
  readonly orderbook: string;
  readonly rows: number;
  /** Type-4 messages behind the first row, and their shares. */
  readonly executions: number;
  readonly executedQuantity: bigint;
}

export interface GenerateOptions {
  readonly seed: number;
  readonly rows: number;
  readonly depth: number;
  /** Lowest price step in the file's unit, such as 100 for a cent. */
  readonly priceStep: bigint;
  /** Gives ids of finished orders to new ones. */
  readonly reuseIds?: boolean;
}

interface VenueOrder {
  readonly id: number;
  readonly side: Side;
  readonly price: bigint;
  quantity: bigint;
}

const startPrice = 1_000_000n;
/** Resting orders a recorded level, at most. */
const ordersMax = 60;
const openingNanos = 34_200_000_000_000n;

/**
 * A venue that trades at random by price and time and records itself as LOBSTER does: events outside the recorded levels happen without a
 * message, and orders rest from before the file begins. One seed gives one day, byte for byte.
 */
class RecordedVenue {
  readonly #options: GenerateOptions;
  readonly #random: Prng;
  readonly #orders: VenueOrder[] = [];
  readonly #freeIds: number[] = [];
  readonly #messages: string[] = [];
  readonly #rows: string[] = [];
  #nextId = 1_000;
  #timeNanos = openingNanos;
  #executions = 0;
  #executedQuantity = 0n;

  constructor(options: GenerateOptions) {
    this.#options = options;
    this.#random = createPrng(options.seed, 'lobster-day');
  }

  run(): GeneratedDay {
    for (let index = 0; index < 40 * this.#options.depth; index += 1)
      this.#orders.push(this.#newOrder(index % 2 === 0 ? Side.Buy : Side.Sell, 1 + this.#whole(30)));
    while (this.#rows.length < this.#options.rows) this.#step();
    return {
      messages: `${this.#messages.join('\n')}\n`,
      orderbook: `${this.#rows.join('\n')}\n`,
      rows: this.#rows.length,
      executions: this.#executions,
      executedQuantity: this.#executedQuantity,
    };
  }

  #step(): void {
    this.#timeNanos += BigInt(1 + Math.floor(this.#random.exponential(50_000_000)));
    // A book that is full thins out instead of growing, so that a long day costs no more a row than a short one.
    const isFull = this.#orders.length > ordersMax * this.#options.depth;
    const choice = isFull ? 0.52 + 0.48 * this.#random.unit() : this.#random.unit();
    if (choice < 0.46 || this.#orders.length < 60) this.#submit();
    else if (choice < 0.52) this.#cancelPart();
    else if (choice < 0.83) this.#delete();
    else if (choice < 0.95) this.#trade();
    else if (choice < 0.985) this.#record(`5,0,${1 + this.#whole(90)},${startPrice},1`);
    else if (choice < 0.99) this.#record(`6,-1,${100 + this.#whole(90)},${startPrice},-1`);
    else if (choice < 0.992) for (const price of [-1, 0, 1]) this.#record(`7,0,0,${price},-1`);
  }

  #submit(): void {
    const order = this.#newOrder(this.#random.unit() < 0.5 ? Side.Buy : Side.Sell, this.#whole(14) - 3);
    this.#orders.push(order);
    this.#recordIfSeen(order.side, order.price, `1,${order.id},${order.quantity},${order.price}`);
  }

  #cancelPart(): void {
    const order = this.#pick();
    if (order.quantity < 2n) return;
    const size = 1n + BigInt(this.#whole(Number(order.quantity - 1n)));
    order.quantity -= size;
    this.#recordIfSeen(order.side, order.price, `2,${order.id},${size},${order.price}`);
  }

  #delete(): void {
    const order = this.#pick();
    const wasSeen = isInView(this.#row(), order.side, order.price);
    this.#remove(order);
    if (wasSeen) this.#record(this.#withSide(`3,${order.id},${order.quantity},${order.price}`, order.side));
  }

  #trade(): void {
    const side = this.#random.unit() < 0.5 ? Side.Buy : Side.Sell;
    let left = BigInt(1 + this.#whole(160));
    while (left > 0n) {
      const best = this.#best(side);
      if (best === undefined || this.#orders.filter((order) => order.side === side).length < 20) return;
      const size = left < best.quantity ? left : best.quantity;
      left -= size;
      best.quantity -= size;
      if (best.quantity === 0n) this.#remove(best);
      if (this.#rows.length > 0) {
        this.#executions += 1;
        this.#executedQuantity += size;
      }
      this.#record(this.#withSide(`4,${best.id},${size},${best.price}`, side));
    }
  }

  /** A limit order some steps behind the best of its side (before it when negative), never crossing. */
  #newOrder(side: Side, stepsBehind: number): VenueOrder {
    const opposite = this.#best(oppositeOf(side))?.price;
    const own = this.#best(side)?.price ?? (opposite ?? startPrice) + (side === Side.Buy ? -10n : 10n) * this.#options.priceStep;
    const offset = BigInt(stepsBehind) * this.#options.priceStep;
    let price = side === Side.Buy ? own - offset : own + offset;
    if (opposite !== undefined && !isBetter(side, opposite, price))
      price = opposite + (side === Side.Buy ? -1n : 1n) * this.#options.priceStep;
    const reused = this.#options.reuseIds === true && this.#random.unit() < 0.2 ? this.#freeIds.shift() : undefined;
    if (reused === undefined) this.#nextId += 1 + this.#whole(5);
    return { id: reused ?? this.#nextId, side, price, quantity: BigInt(1 + this.#whole(300)) };
  }

  #best(side: Side): VenueOrder | undefined {
    let best: VenueOrder | undefined;
    for (const order of this.#orders)
      if (order.side === side && (best === undefined || isBetter(side, order.price, best.price))) best = order;
    return best;
  }

  #pick(): VenueOrder {
    const order = this.#orders[this.#whole(this.#orders.length)];
    if (order === undefined) throw new RangeError('the book is empty');
    return order;
  }

  #remove(order: VenueOrder): void {
    this.#orders.splice(this.#orders.indexOf(order), 1);
    this.#freeIds.push(order.id);
  }

  #levels(side: Side): readonly RowLevel[] {
    const byPrice = new Map<bigint, bigint>();
    for (const order of this.#orders) if (order.side === side) byPrice.set(order.price, (byPrice.get(order.price) ?? 0n) + order.quantity);
    return [...byPrice]
      .map(([price, quantity]) => ({ price, quantity }))
      .sort((a, b) => (isBetter(side, a.price, b.price) ? -1 : 1))
      .slice(0, this.#options.depth);
  }

  #row(): BookRow {
    const [buy, sell] = bothSides.map((side) => this.#levels(side));
    return { depth: this.#options.depth, buy: buy ?? [], sell: sell ?? [] };
  }

  #recordIfSeen(side: Side, price: bigint, text: string): void {
    if (isInView(this.#row(), side, price)) this.#record(this.#withSide(text, side));
  }

  #withSide(text: string, side: Side): string {
    return `${text},${side === Side.Buy ? 1 : -1}`;
  }

  #record(columns: string): void {
    const seconds = this.#timeNanos / 1_000_000_000n;
    const fraction = (this.#timeNanos % 1_000_000_000n).toString().padStart(9, '0');
    this.#messages.push(`${seconds}.${fraction},${columns}`);
    this.#rows.push(formatBookRow(this.#row()));
  }

  #whole(below: number): number {
    return Math.floor(this.#random.unit() * below);
  }
}

export const generateDay = (options: GenerateOptions): GeneratedDay => new RecordedVenue(options).run();
