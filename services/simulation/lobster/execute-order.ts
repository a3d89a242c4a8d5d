import type { ClientOrderId } from '#contracts/ids/ids.js';
import { takeFromLevel, type BookMessage } from './level-quantity.js';
import type { DeskOrder, HeldOrder, OrderDesk } from './order-desk.js';
import type { RemovalsAhead } from './removals-ahead.js';

/** What the plan expects of the trade that stands for a type-4 message. */
export interface PlannedExecution {
  readonly quantity: bigint;
  /** Orders that the engine must hit, in this order. */
  readonly hits: readonly ClientOrderId[];
  /** Whether the named order was first in the queue among the orders that the file has named. */
  readonly isNamedFirst: boolean;
  /** Quantity seeded because the file executes more than the book was known to hold. */
  readonly seededQuantity: bigint;
}

const placeAgain = (desk: OrderDesk, lifted: readonly HeldOrder[]): void => {
  for (const order of lifted) desk.place(order.side, order.price, order.leavesQuantity, order.orderRef);
};

/** Brings the stand-in to the front with at least `size`, taking what it lacks from the rest of the level. */
const bringForward = (desk: OrderDesk, standIn: DeskOrder | undefined, message: BookMessage, ahead: RemovalsAhead): void => {
  const { side, price, size } = message;
  const lacking = size - (standIn?.leavesQuantity ?? 0n);
  if (lacking <= 0n && standIn !== undefined) {
    const before = desk.queue(side, price).slice(0, desk.queue(side, price).indexOf(standIn));
    // Seeded quantity before an executed order proves to be behind it; named orders keep their order among themselves.
    const isSeedOnly = before.every((order) => order.orderRef === null);
    const moved = isSeedOnly ? before : desk.queue(side, price).filter((order) => order !== standIn);
    if (before.length > 0)
      placeAgain(
        desk,
        moved.map((order) => desk.lift(order)),
      );
    return;
  }
  takeFromLevel(desk, { side, price, ...(standIn === undefined ? {} : { except: standIn }) }, lacking, ahead);
  const orderRef = standIn?.orderRef ?? null;
  const others = desk.queue(side, price).filter((order) => order !== standIn);
  if (standIn !== undefined) desk.lift(standIn);
  const lifted = others.map((order) => desk.lift(order));
  desk.place(side, price, size, orderRef);
  placeAgain(desk, lifted);
};

/**
 * Type 4: one immediate-or-cancel order of the opposite side that hits one resting order, the named one. An order that the replay does
 * not know rested before the file began or came while its level was out of view: the seeded quantity of the level stands for it.
 */
export const executeOrder = (desk: OrderDesk, message: BookMessage, ahead: RemovalsAhead): PlannedExecution => {
  const { side, price, orderRef, size } = message;
  desk.clearWay(side, price);
  desk.restHeld(side, price);
  const missing = size - desk.quantityAt(side, price);
  const seededQuantity = missing > 0n ? missing : 0n;
  if (seededQuantity > 0n) desk.place(side, price, seededQuantity, null);
  const queue = desk.queue(side, price);
  const standIn = desk.find(orderRef, side, price) ?? queue.find((order) => order.orderRef === null);
  const isNamedFirst = standIn !== undefined && queue.slice(0, queue.indexOf(standIn)).every((order) => order.orderRef === null);
  bringForward(desk, standIn, message, ahead);
  const hits = desk.trade(side, price, size);
  return { quantity: size, hits, isNamedFirst, seededQuantity };
};
