import {
  CancelReasonName,
  ExecType,
  OrderStatusName,
  OrderTypeName,
  SideName,
  TimeInForceName,
  errorCodeOf,
  OrderStatus,
  CommandKind,
} from '#contracts/tape/codes.generated.js';
import type { ReportRecordOrderState, ReportRecordRefusal } from '#contracts/tape/layout.generated.js';
import { openStatuses } from '#platform/read-side/trading-queries.js';
import { ArrayColumns } from '../../runner/array-columns.js';
import type { PostgresTapeModel, Statement } from '../../runner/read-model.js';
import { priceLiteral, quantityLiteral, scaledLiteral, timeLiteral } from '../../runner/sql-literals.js';
import { termsOfEffect, type TapeEffect } from '../../runner/tape-batch.js';

/** What a batch did to one order. Null leaves a column as it is. */
interface OrderChange {
  placed: {
    readonly accountId: number;
    readonly instrumentId: number;
    readonly symbol: string;
    readonly side: string;
    readonly clientOrderId: string | null;
    readonly createdAt: string;
    readonly createdCommand: bigint;
  } | null;
  orderType: string | null;
  timeInForce: string | null;
  instructions: number | null;
  quantity: string | null;
  price: string | null;
  leavesQuantity: string;
  cumQuantity: string;
  addedUnits: bigint;
  moneyExponent: number;
  orderStatus: string;
  reason: string | null;
  updatedAt: string;
  lastCommand: bigint;
  lastRecord: number;
}

const nameOf = (names: Readonly<Record<number, string>>, value: number): string => names[value] ?? `#${value}`;

const moment = (effect: TapeEffect): { updatedAt: string; lastCommand: bigint; lastRecord: number } => ({
  updatedAt: timeLiteral(effect.timeNanos),
  lastCommand: effect.command.commandNumber,
  lastRecord: effect.recordIndex,
});

const isPlacing = (effect: TapeEffect): boolean => effect.outcome && effect.command.kind === CommandKind.PlaceOrder;

/** Folds a batch to one change per order, so that an order that was placed, traded and canceled inside it costs one row. */
class OrderChanges {
  readonly byId = new Map<bigint, OrderChange>();

  state(effect: TapeEffect, record: ReportRecordOrderState): void {
    const { scale, symbol } = termsOfEffect(effect);
    const placing = isPlacing(effect) && record.execType === ExecType.New;
    const known = this.byId.get(record.orderId);
    this.byId.set(record.orderId, {
      placed: placing
        ? {
            accountId: record.accountId,
            instrumentId: record.instrumentId,
            symbol,
            side: nameOf(SideName, record.side),
            clientOrderId: effect.command.clientOrderId,
            createdAt: timeLiteral(effect.timeNanos),
            createdCommand: effect.command.commandNumber,
          }
        : (known?.placed ?? null),
      orderType: nameOf(OrderTypeName, record.orderType),
      timeInForce: nameOf(TimeInForceName, record.timeInForce),
      instructions: record.instructions,
      quantity: quantityLiteral(record.quantityLots, scale),
      price: record.priceTicks === 0n ? null : priceLiteral(record.priceTicks, scale),
      leavesQuantity: quantityLiteral(record.leavesQuantityLots, scale),
      cumQuantity: quantityLiteral(record.cumQuantityLots, scale),
      addedUnits: known?.addedUnits ?? 0n,
      moneyExponent: scale.moneyExponent,
      orderStatus: nameOf(OrderStatusName, record.orderStatus),
      reason: record.reason === 0 ? null : nameOf(CancelReasonName, record.reason),
      ...moment(effect),
    });
  }

  fill(
    effect: TapeEffect,
    orderId: bigint,
    fill: { readonly leavesLots: bigint; readonly cumLots: bigint; readonly notionalUnits: bigint },
  ): void {
    const { scale } = termsOfEffect(effect);
    const known = this.byId.get(orderId);
    this.byId.set(orderId, {
      placed: known?.placed ?? null,
      orderType: known?.orderType ?? null,
      timeInForce: known?.timeInForce ?? null,
      instructions: known?.instructions ?? null,
      quantity: known?.quantity ?? null,
      price: known?.price ?? null,
      leavesQuantity: quantityLiteral(fill.leavesLots, scale),
      cumQuantity: quantityLiteral(fill.cumLots, scale),
      addedUnits: (known?.addedUnits ?? 0n) + fill.notionalUnits,
      moneyExponent: scale.moneyExponent,
      orderStatus: fill.leavesLots === 0n ? 'Filled' : 'PartiallyFilled',
      reason: known?.reason ?? null,
      ...moment(effect),
    });
  }

  /** A refused order is a recorded fact: it has the number of its command as its id and never had leaves. */
  refusal(effect: TapeEffect, record: ReportRecordRefusal): void {
    if (!isPlacing(effect)) return;
    const placed = effect.command.record;
    if (placed?.type !== 'placeOrder' || effect.instrument === undefined) return;
    const { scale, symbol } = effect.instrument;
    this.byId.set(effect.command.commandNumber, {
      placed: {
        accountId: placed.accountId,
        instrumentId: placed.instrumentId,
        symbol,
        side: nameOf(SideName, placed.side),
        clientOrderId: effect.command.clientOrderId,
        createdAt: timeLiteral(effect.timeNanos),
        createdCommand: effect.command.commandNumber,
      },
      orderType: nameOf(OrderTypeName, placed.orderType),
      timeInForce: nameOf(TimeInForceName, placed.timeInForce),
      instructions: placed.instructions,
      quantity: quantityLiteral(placed.quantityLots, scale),
      price: placed.priceTicks === 0n ? null : priceLiteral(placed.priceTicks, scale),
      leavesQuantity: '0',
      cumQuantity: '0',
      addedUnits: 0n,
      moneyExponent: scale.moneyExponent,
      orderStatus: nameOf(OrderStatusName, OrderStatus.Rejected),
      reason: errorCodeOf[record.code] ?? `#${record.code}`,
      ...moment(effect),
    });
  }
}

const changeColumns = {
  order_id: 'int8',
  order_type: 'text',
  time_in_force: 'text',
  instructions: 'int4',
  quantity: 'numeric',
  price: 'numeric',
  leaves_quantity: 'numeric',
  cum_quantity: 'numeric',
  added_notional: 'numeric',
  order_status: 'text',
  reason: 'text',
  updated_at: 'timestamptz',
  last_command: 'int8',
  last_record: 'int4',
} as const;

const placedColumns = {
  ...changeColumns,
  account_id: 'int8',
  client_order_id: 'text',
  instrument_id: 'int8',
  symbol: 'text',
  side: 'text',
  created_at: 'timestamptz',
  created_command: 'int8',
} as const;

const changeRow = (orderId: bigint, change: OrderChange) => ({
  order_id: orderId,
  order_type: change.orderType,
  time_in_force: change.timeInForce,
  instructions: change.instructions,
  quantity: change.quantity,
  price: change.price,
  leaves_quantity: change.leavesQuantity,
  cum_quantity: change.cumQuantity,
  added_notional: scaledLiteral(change.addedUnits, change.moneyExponent),
  order_status: change.orderStatus,
  reason: change.reason,
  updated_at: change.updatedAt,
  last_command: change.lastCommand,
  last_record: change.lastRecord,
});

const statementsOf = (changes: OrderChanges, physical: string): Statement[] => {
  const placed = new ArrayColumns(placedColumns);
  const changed = new ArrayColumns(changeColumns);
  for (const [orderId, change] of changes.byId) {
    const row = changeRow(orderId, change);
    if (change.placed === null) {
      changed.add(row);
      continue;
    }
    const { accountId, clientOrderId, instrumentId, symbol, side, createdAt, createdCommand } = change.placed;
    placed.add({
      ...row,
      account_id: accountId,
      client_order_id: clientOrderId,
      instrument_id: instrumentId,
      symbol,
      side,
      created_at: createdAt,
      created_command: createdCommand,
    });
  }
  const statements: Statement[] = [];
  if (placed.size > 0) {
    statements.push({
      text: `INSERT INTO ${physical} (${placed.list.replace('added_notional', 'cum_notional')}) SELECT ${placed.list} FROM ${placed.source}`,
      values: placed.values,
    });
  }
  if (changed.size > 0) {
    // The checkpoint moves in the same transaction, so adding to the notional cannot happen twice.
    statements.push({
      text: `UPDATE ${physical} AS o SET order_type = coalesce(i.order_type, o.order_type), time_in_force = coalesce(i.time_in_force, o.time_in_force),
               instructions = coalesce(i.instructions, o.instructions), quantity = coalesce(i.quantity, o.quantity), price = coalesce(i.price, o.price),
               leaves_quantity = i.leaves_quantity, cum_quantity = i.cum_quantity, cum_notional = o.cum_notional + i.added_notional,
               order_status = i.order_status, reason = coalesce(i.reason, o.reason), updated_at = i.updated_at,
               last_command = i.last_command, last_record = i.last_record
             FROM ${changed.source} WHERE o.order_id = i.order_id`,
      values: changed.values,
    });
  }
  return statements;
};

/** Every order that was ever sent, refused ones included, in its current state. */
export const orders: PostgresTapeModel = {
  name: 'orders',
  version: 1,
  store: 'postgres',
  source: 'tape',
  reads: ['orderState', 'trade', 'refusal'],
  tables: [
    {
      name: 'orders',
      create: (physical) => [
        `CREATE TABLE ${physical} (
           order_id bigint PRIMARY KEY,
           account_id bigint NOT NULL,
           client_order_id text,
           instrument_id bigint NOT NULL,
           symbol varchar(32) NOT NULL,
           side text NOT NULL,
           order_type text NOT NULL,
           time_in_force text NOT NULL,
           instructions int NOT NULL,
           quantity numeric(38,18) NOT NULL,
           price numeric(38,18),
           leaves_quantity numeric(38,18) NOT NULL,
           cum_quantity numeric(38,18) NOT NULL,
           cum_notional numeric(38,18) NOT NULL,
           order_status text NOT NULL,
           reason text,
           created_at timestamptz NOT NULL,
           updated_at timestamptz NOT NULL,
           created_command bigint NOT NULL,
           last_command bigint NOT NULL,
           last_record int NOT NULL
         ) WITH (fillfactor = 80)`,
        `CREATE INDEX ON ${physical} (account_id, order_id DESC)`,
        `CREATE INDEX ON ${physical} (account_id, client_order_id) WHERE client_order_id IS NOT NULL`,
        `CREATE INDEX ON ${physical} (account_id, order_id DESC) WHERE order_status IN (${openStatuses.map((status) => `'${status}'`).join(', ')})`,
      ],
    },
  ],
  apply: (batch, table) => {
    const changes = new OrderChanges();
    for (const effect of batch.effects) {
      const { record } = effect;
      if (record.type === 'orderState') changes.state(effect, record);
      else if (record.type === 'refusal') changes.refusal(effect, record);
      else if (record.type === 'trade') {
        const detail = effect.extensions.find((extension) => extension.type === 'tradeDetail');
        if (detail?.type !== 'tradeDetail') continue;
        const { notionalUnits } = detail;
        changes.fill(effect, record.makerOrderId, { leavesLots: detail.makerLeavesLots, cumLots: detail.makerCumLots, notionalUnits });
        changes.fill(effect, record.takerOrderId, { leavesLots: detail.takerLeavesLots, cumLots: detail.takerCumLots, notionalUnits });
      }
    }
    return statementsOf(changes, table('orders'));
  },
};
