import type { Side } from '#contracts/tape/codes.generated.js';
import type { LobsterMessage } from './lobster-message.js';
import type { DeskOrder, OrderDesk } from './order-desk.js';
import type { RemovalsAhead } from './removals-ahead.js';

export type BookMessage = Extract<LobsterMessage, { readonly orderRef: string }>;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * Takes quantity out of a level where the file does not say from which order: nameless quantity first, then what named orders have
 * beyond all that the file still takes from them, then the youngest. Answers what could not be taken.
 */
export const takeFromLevel = (
  desk: OrderDesk,
  level: { readonly side: Side; readonly price: bigint; readonly except?: DeskOrder },
  quantity: bigint,
  ahead: RemovalsAhead,
): bigint => {
  let left = quantity;
  const youngestFirst = desk
    .queue(level.side, level.price)
    .filter((order) => order !== level.except)
    .reverse();
  const take = (order: DeskOrder, available: bigint): void => {
    const taken = least(left, available);
    if (taken <= 0n) return;
    desk.reduce(order, taken);
    left -= taken;
  };
  for (const order of youngestFirst) if (order.orderRef === null) take(order, order.leavesQuantity);
  for (const order of youngestFirst) {
    if (order.orderRef !== null && order.leavesQuantity > 0n) take(order, order.leavesQuantity - ahead.remaining(order.orderRef));
  }
  for (const order of youngestFirst)
    if (left > 0n && desk.queue(level.side, level.price).includes(order)) take(order, order.leavesQuantity);
  return left;
};

/**
 * Types 2 and 3. The level loses exactly the size of the message: from the named order as far as that goes, the rest from the quantity
 * that stands for orders from before the file. What a deleted order has beyond the size stays as nameless quantity.
 */
export const removeQuantity = (desk: OrderDesk, message: BookMessage, ahead: RemovalsAhead): void => {
  const { side, price, orderRef } = message;
  let left = desk.reduceHeld(orderRef, side, message.size);
  const named = left === 0n ? undefined : desk.find(orderRef, side, price);
  if (named !== undefined) {
    const taken = least(left, named.leavesQuantity);
    const isRestNameless = message.type === 'delete' && taken < named.leavesQuantity;
    desk.reduce(named, taken);
    if (isRestNameless) desk.forgetName(named);
    left -= taken;
  }
  if (left > 0n) takeFromLevel(desk, { side, price }, left, ahead);
};
