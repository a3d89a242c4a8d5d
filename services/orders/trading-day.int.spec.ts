/** Days that end and markets that stay closed, on a clock that the test stamps: the platform's own clock cannot be driven through a midnight. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineCommand } from '#contracts/commands/order-commands.js';
import { unwrap } from '#contracts/result/result.js';
import {
  AckLevel,
  CancelReason,
  errorTable,
  ExecType,
  OrderStatus,
  Side,
  StateReason,
  TimeInForce,
  TradingPhase,
} from '#contracts/tape/codes.generated.js';
import { openCommit } from '#contracts/tape/message.js';
import { walkReports } from '#contracts/tape/walk.js';
import { NatsCommandPort } from '#platform/commands/nats-command-port.js';
import { limitOrder, marketOpenNanos, openMarket } from '#platform/engine/testing/market.js';
import { readTape } from '#platform/tape/tape-reader.js';
import { startOrdersProcess, type OrdersProcess } from './testing/orders-process.js';
import { startOrdersWorld, type OrdersWorld } from './testing/orders-world.js';

const secondNanos = 1_000_000_000n;
const dayNanos = 86_400n * secondNanos;
const midnightNanos = (marketOpenNanos / dayNanos + 1n) * dayNanos;
const calendarId = 3;

let world: OrdersWorld;
let port: NatsCommandPort;
let orders: OrdersProcess;

beforeEach(async () => {
  world = await startOrdersWorld();
  port = new NatsCommandPort(world.connection);
  orders = await startOrdersProcess(world.config({ clock: 'supplied' }));
  await world.until('writer');
});
afterEach(async () => {
  await orders.stop();
  await world.close();
});

/** Codes of the answers, and the id of the last order. */
const send = async (...commands: readonly EngineCommand[]): Promise<{ readonly codes: readonly number[]; readonly orderId: bigint }> => {
  const { answers } = unwrap(await port.send(commands, { ackLevel: AckLevel.Durable, timeSupplied: true }));
  return { codes: answers.map(({ code }) => code), orderId: answers.at(-1)?.orderId ?? 0n };
};
const place = async (timeInForce: TimeInForce, timeNanos: bigint, priceTicks = 9_000n) => {
  const order = limitOrder({ account: 0, side: Side.Buy, priceTicks, quantityLots: 10n, timeNanos });
  return send({ ...order, timeInForce });
};
/** The clock goes on without an order; it may jump because an operator says so. */
const advanceTo = (timeNanos: bigint) => send({ type: 'AdvanceTime', confirmJump: true, timeNanos });
const followCalendar = openMarket.map((command) => (command.type === 'DefineInstrument' ? { ...command, calendarId } : command));
const session = (phase: TradingPhase, timeNanos: bigint, plan: readonly { phase: TradingPhase; atNanos: bigint }[] = []) =>
  send({ type: 'SetSession', instrumentId: 0, calendarId, phase, reason: StateReason.Schedule, untilNanos: 0n, plan, timeNanos });

/** What became of each order: its last state on the tape, and the command that told it. */
const lastStates = async () => {
  const states = new Map<bigint, { readonly status: number; readonly execType: number; readonly reason: number }>();
  const { signal } = new AbortController();
  for await (const { bytes } of readTape(world.connection, 0, { fromStreamSequence: 1n, signal, idle: 'end' })) {
    for (const { record } of walkReports(openCommit(bytes))) {
      if (record.type !== 'orderState') continue;
      states.set(record.orderId, { status: record.orderStatus, execType: record.execType, reason: record.reason });
    }
  }
  return states;
};
const open = { status: OrderStatus.New, execType: ExecType.New, reason: CancelReason.None };
const expired = { status: OrderStatus.Expired, execType: ExecType.Expired, reason: CancelReason.Expired };

describe('a trading day on a stamped clock', () => {
  it('day orders end at UTC midnight, to the nanosecond; others stay', async () => {
    await send(...openMarket);
    const day = await place(TimeInForce.Day, marketOpenNanos);
    const stays = await place(TimeInForce.GoodTillCancel, marketOpenNanos);
    expect([...day.codes, ...stays.codes]).toEqual([0, 0]);
    expect((await advanceTo(midnightNanos - 1n)).codes).toEqual([0]);
    expect((await lastStates()).get(day.orderId)).toEqual(open);
    expect((await advanceTo(midnightNanos)).codes).toEqual([0]);
    const states = await lastStates();
    expect(states.get(day.orderId)).toEqual(expired);
    expect(states.get(stays.orderId)).toEqual(open);
    // The next day has its own day orders.
    const next = await place(TimeInForce.Day, midnightNanos + secondNanos);
    await advanceTo(midnightNanos + dayNanos - 1n);
    expect((await lastStates()).get(next.orderId)).toEqual(open);
    await advanceTo(midnightNanos + dayNanos);
    expect((await lastStates()).get(next.orderId)).toEqual(expired);
  });

  it('of an instrument with a calendar they end with its session, whatever the hour is', async () => {
    await send(...followCalendar);
    const closesAt = marketOpenNanos + 2n * secondNanos;
    const planned = await session(TradingPhase.Continuous, marketOpenNanos, [{ phase: TradingPhase.Closed, atNanos: closesAt }]);
    expect(planned.codes).toEqual([0]);
    const day = await place(TimeInForce.Day, marketOpenNanos);
    const stays = await place(TimeInForce.GoodTillCancel, marketOpenNanos);
    await advanceTo(closesAt - 1n);
    expect((await lastStates()).get(day.orderId)).toEqual(open);
    await advanceTo(closesAt);
    const states = await lastStates();
    expect(states.get(day.orderId)).toEqual(expired);
    expect(states.get(stays.orderId)).toEqual(open);
  });

  it('a session that runs over midnight keeps its day orders until it closes', async () => {
    await send(...followCalendar);
    const closesAt = midnightNanos + 3_600n * secondNanos;
    await session(TradingPhase.Continuous, marketOpenNanos, [{ phase: TradingPhase.Closed, atNanos: closesAt }]);
    const day = await place(TimeInForce.Day, marketOpenNanos);
    await advanceTo(midnightNanos + secondNanos);
    expect((await lastStates()).get(day.orderId)).toEqual(open);
    await advanceTo(closesAt);
    expect((await lastStates()).get(day.orderId)).toEqual(expired);
  });

  it('a holiday keeps the market closed until the next session of the plan opens', async () => {
    await send(...followCalendar);
    const opensAt = midnightNanos + 30_600n * secondNanos; // 08:30 the day after
    const planned = await session(TradingPhase.Closed, marketOpenNanos, [{ phase: TradingPhase.Continuous, atNanos: opensAt }]);
    expect(planned.codes).toEqual([0]);
    for (const timeInForce of [TimeInForce.Day, TimeInForce.GoodTillCancel, TimeInForce.ImmediateOrCancel]) {
      expect((await place(timeInForce, marketOpenNanos)).codes).toEqual([errorTable.MARKET_CLOSED.number]);
    }
    await advanceTo(opensAt - 1n);
    expect((await place(TimeInForce.GoodTillCancel, opensAt - 1n)).codes).toEqual([errorTable.MARKET_CLOSED.number]);
    expect((await place(TimeInForce.GoodTillCancel, opensAt)).codes).toEqual([0]);
  });
});
