/** What a batch of the tape did to orders, folded to one change per order. */
import {
  CancelReasonName,
  CommandKind,
  errorCodeOf,
  ExecType,
  ExecTypeName,
  OrderStatus,
  OrderStatusName,
  OrderTypeName,
  SideName,
  TimeInForceName,
} from '#contracts/tape/codes.generated.js';
import type { InstrumentScale } from '#contracts/money/instrument-scale.js';
import type { ReportRecordOrderState, ReportRecordRefusal } from '#contracts/tape/layout.generated.js';
import { placedTermsOf, reportedTermsOf, type ChangingTerms, type PlacedTerms } from '#contracts/tape/order-terms.js';
import { nameOf } from '../../runner/code-names.js';
import { priceLiteral, quantityLiteral, timeLiteral } from '../../runner/sql-literals.js';
import { termsOfEffect, type TapeEffect } from '../../runner/tape-batch.js';

/** What stands in an order from its placing on. */
export interface Placing extends PlacedTerms {
  readonly accountId: number;
  readonly instrumentId: number;
  readonly symbol: string;
  readonly side: string;
  readonly clientOrderId: string | null;
  readonly createdAt: string;
  readonly createdCommand: bigint;
}

/** What a batch did to one order. Null leaves a column as it is, except in `reason`, which is the last event's. */
export interface OrderChange {
  readonly placed: Placing | null;
  readonly orderType: string | null;
  readonly timeInForce: string | null;
  readonly instructions: number | null;
  readonly quantity: string | null;
  /** Null = none, where the batch told a state of the order; a pegged order outside the book loses its price. */
  readonly price: string | null;
  /** Whether the batch told a state of the order, which has its price; fills alone leave it as it is. */
  readonly tellsPrice: boolean;
  /** Replaces all four of them, or none. */
  readonly terms: ChangingTerms | null;
  readonly triggered: { readonly command: bigint; readonly record: number } | null;
  readonly leavesQuantity: string;
  readonly cumQuantity: string;
  /** Money that the batch's fills were worth, multiplier included. */
  readonly addedUnits: bigint;
  readonly moneyExponent: number;
  /** Sum of price times quantity of the batch's fills, in ticks times lots. */
  readonly addedTickLots: bigint;
  readonly scale: InstrumentScale;
  readonly orderStatus: string;
  readonly execType: string;
  readonly reason: string | null;
  readonly refused: { readonly observed: bigint; readonly limit: bigint; readonly ruleVersion: number } | null;
  readonly updatedAt: string;
  readonly lastCommand: bigint;
  readonly lastRecord: number;
}

const moment = (effect: TapeEffect): Pick<OrderChange, 'updatedAt' | 'lastCommand' | 'lastRecord'> => ({
  updatedAt: timeLiteral(effect.timeNanos),
  lastCommand: effect.command.commandNumber,
  lastRecord: effect.recordIndex,
});

const isPlacing = (effect: TapeEffect): boolean => effect.outcome && effect.command.kind === CommandKind.PlaceOrder;

/** Folds a batch to one change per order, so that an order that was placed, traded and canceled inside it costs one row. */
export class OrderChanges {
  readonly byId = new Map<bigint, OrderChange>();

  state(effect: TapeEffect, record: ReportRecordOrderState): void {
    const { scale } = termsOfEffect(effect);
    const known = this.byId.get(record.orderId);
    // An order that is not accepted as New (one that waits for its list) is a new row all the same.
    const placing = isPlacing(effect) && record.orderId === effect.command.commandNumber && (known?.placed ?? null) === null;
    this.byId.set(record.orderId, {
      placed: placing ? placingOf(effect) : (known?.placed ?? null),
      orderType: nameOf(OrderTypeName, record.orderType),
      timeInForce: nameOf(TimeInForceName, record.timeInForce),
      instructions: record.instructions,
      quantity: quantityLiteral(record.quantityLots, scale),
      price: record.priceTicks === 0n ? null : priceLiteral(record.priceTicks, scale),
      tellsPrice: true,
      terms: reportedTermsOf(record, effect.extensions, scale) ?? known?.terms ?? null,
      triggered:
        record.execType === ExecType.Triggered
          ? { command: effect.command.commandNumber, record: effect.recordIndex }
          : (known?.triggered ?? null),
      leavesQuantity: quantityLiteral(record.leavesQuantityLots, scale),
      cumQuantity: quantityLiteral(record.cumQuantityLots, scale),
      addedUnits: known?.addedUnits ?? 0n,
      moneyExponent: scale.moneyExponent,
      addedTickLots: known?.addedTickLots ?? 0n,
      scale,
      orderStatus: nameOf(OrderStatusName, record.orderStatus),
      execType: nameOf(ExecTypeName, record.execType),
      reason: record.reason === 0 ? null : nameOf(CancelReasonName, record.reason),
      refused: null,
      ...moment(effect),
    });
  }

  fill(
    effect: TapeEffect,
    orderId: bigint,
    fill: { readonly leavesLots: bigint; readonly cumLots: bigint; readonly notionalUnits: bigint; readonly tickLots: bigint },
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
      tellsPrice: known?.tellsPrice ?? false,
      terms: known?.terms ?? null,
      triggered: known?.triggered ?? null,
      leavesQuantity: quantityLiteral(fill.leavesLots, scale),
      cumQuantity: quantityLiteral(fill.cumLots, scale),
      addedUnits: (known?.addedUnits ?? 0n) + fill.notionalUnits,
      moneyExponent: scale.moneyExponent,
      addedTickLots: (known?.addedTickLots ?? 0n) + fill.tickLots,
      scale,
      orderStatus: fill.leavesLots === 0n ? 'Filled' : 'PartiallyFilled',
      execType: nameOf(ExecTypeName, ExecType.Trade),
      reason: null,
      refused: null,
      ...moment(effect),
    });
  }

  /** A refused order is a recorded fact: it has the number of its command as its id and never had leaves. */
  refusal(effect: TapeEffect, record: ReportRecordRefusal): void {
    if (!isPlacing(effect)) return;
    const placed = effect.command.record;
    if (placed?.type !== 'placeOrder' || effect.instrument === undefined) return;
    const { scale } = effect.instrument;
    this.byId.set(effect.command.commandNumber, {
      placed: placingOf(effect),
      orderType: nameOf(OrderTypeName, placed.orderType),
      timeInForce: nameOf(TimeInForceName, placed.timeInForce),
      instructions: placed.instructions,
      quantity: quantityLiteral(placed.quantityLots, scale),
      price: placed.priceTicks === 0n ? null : priceLiteral(placed.priceTicks, scale),
      tellsPrice: true,
      terms: placedTermsOf(placed, effect.command.extensions, scale),
      triggered: null,
      leavesQuantity: '0',
      cumQuantity: '0',
      addedUnits: 0n,
      moneyExponent: scale.moneyExponent,
      addedTickLots: 0n,
      scale,
      orderStatus: nameOf(OrderStatusName, OrderStatus.Rejected),
      execType: nameOf(ExecTypeName, ExecType.Rejected),
      reason: errorCodeOf[record.code] ?? `#${record.code}`,
      refused: { observed: record.observed, limit: record.limit, ruleVersion: record.ruleVersion },
      ...moment(effect),
    });
  }
}

const placingOf = (effect: TapeEffect): Placing | null => {
  const { record, extensions, clientOrderId, commandNumber } = effect.command;
  if (record?.type !== 'placeOrder') return null;
  const { scale, symbol } = termsOfEffect(effect);
  return {
    ...placedTermsOf(record, extensions, scale),
    accountId: record.accountId,
    instrumentId: record.instrumentId,
    symbol,
    side: nameOf(SideName, record.side),
    clientOrderId,
    createdAt: timeLiteral(effect.timeNanos),
    createdCommand: commandNumber,
  };
};
