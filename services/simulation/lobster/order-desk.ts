import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { parseClientOrderId, type AccountId, type ClientOrderId, type InstrumentId } from '#contracts/ids/ids.js';
import { unwrap } from '#contracts/result/result.js';
import { OrderType, Side, StateReason, StateScope, TimeInForce, TradingState } from '#contracts/tape/codes.generated.js';
import { crosses, isBetter, oppositeOf } from './book-row.js';
import { PriceLadder } from './price-ladder.js';

/** Who trades what in a replay. */
export interface ReplayParties {
  readonly instrumentId: InstrumentId;
  /** Owns every resting order. */
  readonly makerAccountId: AccountId;
  /** Sends the immediate-or-cancel orders that stand for executions. */
  readonly takerAccountId: AccountId;
  /** Begins every client order id of this replay. */
  readonly run: string;
}

/** An order that the replay has resting in the engine, as predicted from what it has sent. */
export interface DeskOrder {
  readonly side: Side;
  readonly price: bigint;
  /** The file's order; null for quantity that the file shows without naming its order (the seed). */
  orderRef: string | null;
  clientOrderId: ClientOrderId;
  /** Total quantity, filled part included (FIX OrderQty). */
  totalQuantity: bigint;
  leavesQuantity: bigint;
}

/** An order of the file that cannot rest now because it would trade: the recorded book is crossed or locked there. */
export interface HeldOrder {
  readonly side: Side;
  readonly price: bigint;
  readonly orderRef: string | null;
  leavesQuantity: bigint;
}

/** The leading prices that satisfy a condition; a copy. Prices come best first, so those in the way of a trade lead. */
const takeWhile = (prices: readonly bigint[], condition: (price: bigint) => boolean): readonly bigint[] => {
  const end = prices.findIndex((price) => !condition(price));
  return prices.slice(0, end < 0 ? prices.length : end);
};

/**
 * The predicted book of one replay and the commands that make it so: each method changes both, so they cannot part.
 * Queues are first in, first out, as the engine's are. Prices are in the file's unit, `priceUnit` of which make one tick.
 */
export class OrderDesk {
  readonly #parties: ReplayParties;
  readonly #priceUnit: bigint;
  readonly #ladders: ReadonlyMap<Side, PriceLadder<DeskOrder[]>> = new Map([
    [Side.Buy, new PriceLadder<DeskOrder[]>(Side.Buy)],
    [Side.Sell, new PriceLadder<DeskOrder[]>(Side.Sell)],
  ]);
  readonly #named = new Map<string, DeskOrder>();
  readonly #placings = new Map<string, number>();
  readonly #held: HeldOrder[] = [];
  #commands: EngineCommand[] = [];
  #timeNanos = 0n;
  #serial = 0;
  #state: TradingState = TradingState.Active;

  constructor(parties: ReplayParties, priceUnit: bigint) {
    this.#parties = parties;
    this.#priceUnit = priceUnit;
  }

  /** Time that the following commands carry. */
  set timeNanos(timeNanos: bigint) {
    this.#timeNanos = timeNanos;
  }

  get held(): readonly HeldOrder[] {
    return this.#held;
  }

  /** The commands since the last call. */
  takeCommands(): EngineCommand[] {
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }

  prices(side: Side): readonly bigint[] {
    return this.#ladder(side).prices;
  }

  /** The queue of a level, first order first. Not to be kept across a change. */
  queue(side: Side, price: bigint): readonly DeskOrder[] {
    return this.#ladder(side).get(price) ?? [];
  }

  quantityAt(side: Side, price: bigint): bigint {
    return this.queue(side, price).reduce((sum, order) => sum + order.leavesQuantity, 0n);
  }

  /** The resting order that stands for an order of the file, if it rests at this level. */
  find(orderRef: string, side: Side, price: bigint): DeskOrder | undefined {
    const order = this.#named.get(orderRef);
    return order !== undefined && order.side === side && order.price === price ? order : undefined;
  }

  /** Only cancels are taken while the instrument is halted, so any other command of the file shows that the halt is over. */
  #reopen(): void {
    this.setState(TradingState.Active);
  }

  setState(state: TradingState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#commands.push({
      type: 'SetTradingState',
      timeNanos: this.#timeNanos,
      scope: StateScope.Instrument,
      state,
      reason: StateReason.Replay,
      targetId: this.#parties.instrumentId,
    });
  }

  wouldCross(side: Side, price: bigint): boolean {
    const best = this.#ladder(oppositeOf(side)).best();
    return best !== undefined && crosses(side, price, best);
  }

  /** Rests an order at the end of its level's queue, or holds it back while it would trade. */
  place(side: Side, price: bigint, quantity: bigint, orderRef: string | null): void {
    if (this.wouldCross(side, price)) this.#held.push({ side, price, orderRef, leavesQuantity: quantity });
    else this.#rest(side, price, quantity, orderRef);
  }

  /** Takes quantity from an order without touching its place; the whole of it cancels the order. */
  reduce(order: DeskOrder, quantity: bigint): void {
    if (quantity >= order.leavesQuantity) {
      this.#remove(order);
      order.leavesQuantity = 0n;
      this.#commands.push({ ...this.#change(order), type: 'CancelOrder' });
      return;
    }
    this.#reopen();
    order.leavesQuantity -= quantity;
    order.totalQuantity -= quantity;
    this.#commands.push({ ...this.#change(order), type: 'AmendOrder', quantityLots: order.totalQuantity });
  }

  /** Cancels an order and says what would place it again. */
  lift(order: DeskOrder): HeldOrder {
    const { side, price, orderRef, leavesQuantity } = order;
    this.reduce(order, leavesQuantity);
    return { side, price, orderRef, leavesQuantity };
  }

  /** From now on the order's quantity stands for no order of the file in particular. */
  forgetName(order: DeskOrder): void {
    if (order.orderRef !== null && this.#named.get(order.orderRef) === order) this.#named.delete(order.orderRef);
    order.orderRef = null;
  }

  /**
   * Trades quantity of a level, which must be the best of its side, against an immediate-or-cancel order of the taker.
   * Answers the client order ids of the orders that are hit.
   */
  trade(side: Side, price: bigint, quantity: bigint): readonly ClientOrderId[] {
    const hit: ClientOrderId[] = [];
    this.#reopen();
    this.#commands.push({
      type: 'PlaceOrder',
      clientOrderId: this.#nextId('x'),
      timeNanos: this.#timeNanos,
      accountId: this.#parties.takerAccountId,
      instrumentId: this.#parties.instrumentId,
      side: oppositeOf(side),
      orderType: OrderType.Limit,
      timeInForce: TimeInForce.ImmediateOrCancel,
      priceTicks: price / this.#priceUnit,
      quantityLots: quantity,
    });
    let left = quantity;
    for (const order of [...this.queue(side, price)]) {
      if (left === 0n) break;
      const traded = left < order.leavesQuantity ? left : order.leavesQuantity;
      left -= traded;
      order.leavesQuantity -= traded;
      hit.push(order.clientOrderId);
      if (order.leavesQuantity === 0n) this.#remove(order);
    }
    return hit;
  }

  /** Sets the orders aside that stand in the way of a trade at this level: better ones, and opposite ones that cross it. */
  clearWay(side: Side, price: bigint): void {
    const better = takeWhile(this.prices(side), (other) => isBetter(side, other, price));
    const opposite = takeWhile(this.prices(oppositeOf(side)), (other) => crosses(side, price, other));
    for (const other of better) for (const order of [...this.queue(side, other)]) this.#held.push(this.lift(order));
    for (const other of opposite) for (const order of [...this.queue(oppositeOf(side), other)]) this.#held.push(this.lift(order));
  }

  /** Rests every held order of one level, in its order; the way must be clear. */
  restHeld(side: Side, price: bigint): void {
    this.#restWhere((held) => held.side === side && held.price === price);
  }

  /** Rests the held orders that no longer cross, oldest first. */
  releaseHeld(): void {
    if (this.#held.length > 0) this.#restWhere((held) => !this.wouldCross(held.side, held.price));
  }

  /** Drops quantity from a held order; what it does not have is answered. */
  reduceHeld(orderRef: string, side: Side, quantity: bigint): bigint {
    const index = this.#held.findIndex((held) => held.orderRef === orderRef && held.side === side);
    const held = this.#held[index];
    if (held === undefined) return quantity;
    const taken = quantity < held.leavesQuantity ? quantity : held.leavesQuantity;
    held.leavesQuantity -= taken;
    if (held.leavesQuantity === 0n) this.#held.splice(index, 1);
    return quantity - taken;
  }

  #ladder(side: Side): PriceLadder<DeskOrder[]> {
    const ladder = this.#ladders.get(side);
    if (ladder === undefined) throw new RangeError(`side ${side}`);
    return ladder;
  }

  #restWhere(condition: (held: HeldOrder) => boolean): void {
    for (const held of [...this.#held]) {
      if (!condition(held)) continue;
      this.#held.splice(this.#held.indexOf(held), 1);
      this.#rest(held.side, held.price, held.leavesQuantity, held.orderRef);
    }
  }

  #rest(side: Side, price: bigint, quantity: bigint, orderRef: string | null): void {
    const clientOrderId = orderRef === null ? this.#nextId('s') : this.#idOf(orderRef);
    const order: DeskOrder = { side, price, orderRef, clientOrderId, totalQuantity: quantity, leavesQuantity: quantity };
    if (orderRef !== null) {
      // An id that the file uses again while the first order rests: the first one goes on without a name.
      const namesake = this.#named.get(orderRef);
      if (namesake !== undefined) namesake.orderRef = null;
      this.#named.set(orderRef, order);
    }
    const ladder = this.#ladder(side);
    const queue = ladder.get(price);
    if (queue === undefined) ladder.set(price, [order]);
    else queue.push(order);
    this.#reopen();
    this.#commands.push({
      type: 'PlaceOrder',
      clientOrderId,
      timeNanos: this.#timeNanos,
      accountId: this.#parties.makerAccountId,
      instrumentId: this.#parties.instrumentId,
      side,
      orderType: OrderType.Limit,
      timeInForce: TimeInForce.GoodTillCancel,
      priceTicks: price / this.#priceUnit,
      quantityLots: quantity,
    });
  }

  #remove(order: DeskOrder): void {
    const ladder = this.#ladder(order.side);
    const queue = ladder.get(order.price);
    if (queue === undefined) return;
    queue.splice(queue.indexOf(order), 1);
    if (queue.length === 0) ladder.delete(order.price);
    if (order.orderRef !== null && this.#named.get(order.orderRef) === order) this.#named.delete(order.orderRef);
  }

  #change(order: DeskOrder): {
    clientOrderId: ClientOrderId;
    timeNanos: bigint;
    accountId: AccountId;
    instrumentId: InstrumentId;
    target: { origClientOrderId: ClientOrderId };
  } {
    return {
      clientOrderId: this.#nextId('c'),
      timeNanos: this.#timeNanos,
      accountId: this.#parties.makerAccountId,
      instrumentId: this.#parties.instrumentId,
      target: { origClientOrderId: order.clientOrderId },
    };
  }

  #idOf(orderRef: string): ClientOrderId {
    const placing = (this.#placings.get(orderRef) ?? 0) + 1;
    this.#placings.set(orderRef, placing);
    return unwrap(parseClientOrderId(`${this.#parties.run}.${orderRef}${placing === 1 ? '' : `.${placing}`}`));
  }

  #nextId(kind: 's' | 'x' | 'c'): ClientOrderId {
    this.#serial += 1;
    return unwrap(parseClientOrderId(`${this.#parties.run}.${kind}.${this.#serial}`));
  }
}
