import { encodeCommands, type EngineCommand } from '../../contracts/commands/order-commands.js';
import { AckLevel } from '../../contracts/tape/codes.generated.js';
import { CommandRecordOffset, recordBytes } from '../../contracts/tape/layout.generated.js';
import { buildCommandBatch, viewOf } from '../../contracts/tape/message.js';
import type { EngineShard } from '../../services/platform/engine/engine-shard.js';

const options = { timesSupplied: false } as const;

const messageOf = (commands: readonly EngineCommand[]): Uint8Array => {
  const { records, commandCount } = encodeCommands(commands);
  return buildCommandBatch({ ackLevel: AckLevel.Engine, flags: 0, commandCount, deadlineNanos: 0n }, records);
};

const nameOrders = (cancels: Uint8Array, count: number, first: number): void => {
  const view = viewOf(cancels);
  let at = cancels.byteLength - count * recordBytes + CommandRecordOffset.cancelOrder.orderId;
  for (let id = first; id < first + count; id += 1, at += recordBytes) {
    view.setUint32(at, id % 0x1_0000_0000, true);
    view.setUint32(at + 4, Math.floor(id / 0x1_0000_0000), true);
  }
};

/**
 * Nanoseconds of each call that takes a message of `ordersPerCall` resting orders and gives commits and answers, sorted. Between two of
 * them the orders are cancelled and the outputs given back, so that every call meets the same book; that is not timed.
 */
export const timeCalls = (
  shard: EngineShard,
  order: EngineCommand,
  cancel: EngineCommand,
  ordersPerCall: number,
  calls: number,
): readonly number[] => {
  const orders = messageOf(Array.from({ length: ordersPerCall }, () => order));
  const cancels = messageOf(Array.from({ length: ordersPerCall }, () => cancel));
  const nanos: number[] = [];
  for (let index = 0; index < calls; index += 1) {
    const first = Number(shard.nextCommandNumber);
    const startedAt = process.hrtime.bigint();
    const step = shard.submitLent(orders, 1n, options);
    nanos.push(Number(process.hrtime.bigint() - startedAt));
    step.release();
    nameOrders(cancels, ordersPerCall, first);
    shard.submitLent(cancels, 1n, options).release();
  }
  return nanos.sort((a, b) => a - b);
};
