/** Orders of one subscription: what each looked like after each of its events. Pure; loading what began earlier is the caller's. */
import { formatMoney, formatPrice, formatQuantity, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { nanosToIso } from '#contracts/time/clock.js';
import {
  CancelReasonName,
  errorCodeOf,
  ExecType,
  ExecTypeName,
  OrderStatusName,
  OrderTypeName,
  SideName,
  TimeInForceName,
  TradeKindName,
  type OrderStatusName as Status,
} from '#contracts/tape/codes.generated.js';
import { noTerms, placedTermsOf, reportedTermsOf } from '#contracts/tape/order-terms.js';
import { openStatuses, type InstrumentRow } from '#platform/read-side/index.js';
import { averagePriceOf } from '../ordering/order-answer.js';
import type { ExecutionNode, OrderNode } from '../ordering/order-node.js';
import {
  changingNodesOf,
  instructionNodesOf,
  reasonNodesOf,
  termNodesOf,
  type ChangingTermNodes,
  type TermNodes,
} from '../ordering/order-terms-node.js';
import { execTypeNames, orderStatusNames, orderTypeNames, sideNames, timeInForceNames, tradeKindNames } from '../graphql/enum-names.js';
import type { AccountEvent } from './account-event.js';

/** What an order's events do not repeat. */
export interface TrackedOrder {
  readonly node: OrderNode;
  readonly instrument: InstrumentRow;
  readonly cumNotionalUnits: bigint;
  /** False when fills before the subscription could not all be read: the average price is then not told. */
  readonly isNotionalKnown: boolean;
}

/** One change of one order: the order after it, and the execution if it was a trade. */
export interface OrderChange {
  readonly order: OrderNode;
  readonly execution: ExecutionNode | null;
}

export class OrderTracker {
  readonly #orders = new Map<string, TrackedOrder>();

  knows(orderId: bigint): boolean {
    return this.#orders.has(orderId.toString());
  }

  /** Number of orders that are held: open ones, for a closed order is told and forgotten. */
  get size(): number {
    return this.#orders.size;
  }

  put(order: TrackedOrder): void {
    this.#orders.set(order.node.orderId, order);
  }

  /** The order after the event; undefined for an order that must be put first, and for reports that are not about an order. */
  apply(event: AccountEvent, instrument: InstrumentRow): OrderChange | undefined {
    switch (event.report.type) {
      case 'orderState':
        return this.#applyState(event, instrument);
      case 'trade':
        return this.#applyTrade(event, instrument);
      case 'refusal':
        return refusedOrder(event, instrument);
      default:
        return undefined;
    }
  }

  /** Takes a change that was read elsewhere, so that later events go on from it. */
  replace(order: TrackedOrder): OrderNode {
    const { node } = order;
    if (openOrderStatuses.has(node.orderStatus)) this.put(order);
    else this.#orders.delete(node.orderId);
    return node;
  }

  /** Drops orders that have nothing more to tell. */
  forgetClosed(): void {
    for (const [orderId, { node }] of this.#orders) if (!openOrderStatuses.has(node.orderStatus)) this.#orders.delete(orderId);
  }

  get(orderId: bigint): TrackedOrder | undefined {
    return this.#orders.get(orderId.toString());
  }

  #applyState(event: AccountEvent, instrument: InstrumentRow): OrderChange | undefined {
    const { report } = event;
    if (report.type !== 'orderState') return undefined;
    const isEntry = report.orderId === event.commandNumber && !this.knows(report.orderId);
    const known = this.get(report.orderId);
    if (known === undefined && !isEntry) return undefined;
    const at = nanosToIso(event.timeNanos);
    const { scale } = instrument;
    const cumNotionalUnits = known?.cumNotionalUnits ?? 0n;
    const isNotionalKnown = known?.isNotionalKnown ?? true;
    const node: OrderNode = {
      ...(known?.node ?? enteredTerms(event, scale)),
      ...toldTerms(event, scale),
      orderId: report.orderId.toString(),
      clientOrderId: known === undefined ? event.clientOrderId : (known.node.clientOrderId ?? null),
      accountId: String(report.accountId),
      instrumentId: report.instrumentId,
      side: sideNames[SideName[report.side] ?? 'Buy'],
      orderType: orderTypeNames[OrderTypeName[report.orderType] ?? 'Limit'],
      timeInForce: timeInForceNames[TimeInForceName[report.timeInForce] ?? 'Day'],
      quantity: formatQuantity(report.quantityLots, scale),
      price: report.priceTicks === 0n ? null : formatPrice(report.priceTicks, scale),
      ...(report.execType === ExecType.Triggered && isWaiting(known) ? { triggered: true } : {}),
      ...instructionNodesOf(report.instructions),
      leavesQuantity: formatQuantity(report.leavesQuantityLots, scale),
      cumQuantity: formatQuantity(report.cumQuantityLots, scale),
      averagePrice: isNotionalKnown ? averagePriceOf(cumNotionalUnits, report.cumQuantityLots, instrument) : null,
      orderStatus: orderStatusNames[OrderStatusName[report.orderStatus] ?? 'New'],
      execType: execTypeNames[ExecTypeName[report.execType] ?? 'Restated'],
      ...reasonNodesOf(report.reason === 0 ? null : (CancelReasonName[report.reason] ?? null)),
      refused: null,
      createdAt: known?.node.createdAt ?? at,
      updatedAt: at,
    };
    return { order: this.replace({ node, instrument, cumNotionalUnits, isNotionalKnown }), execution: null };
  }

  #applyTrade(event: AccountEvent, instrument: InstrumentRow): OrderChange | undefined {
    const { report, extension, maker } = event;
    if (report.type !== 'trade' || extension?.type !== 'tradeDetail' || maker === null) return undefined;
    const orderId = maker ? report.makerOrderId : report.takerOrderId;
    const known = this.get(orderId);
    if (known === undefined) return undefined;
    const { scale } = instrument;
    const leavesLots = maker ? extension.makerLeavesLots : extension.takerLeavesLots;
    const cumLots = maker ? extension.makerCumLots : extension.takerCumLots;
    const status: Status = leavesLots === 0n ? 'Filled' : 'PartiallyFilled';
    const at = nanosToIso(event.timeNanos);
    // Not what the trade reports: a future's trade moves no notional, and its average price is one all the same.
    const cumNotionalUnits = known.cumNotionalUnits + report.priceTicks * report.quantityLots * instrument.unitsPerTickLot;
    const node: OrderNode = {
      ...known.node,
      leavesQuantity: formatQuantity(leavesLots, scale),
      cumQuantity: formatQuantity(cumLots, scale),
      averagePrice: known.isNotionalKnown ? averagePriceOf(cumNotionalUnits, cumLots, instrument) : null,
      orderStatus: orderStatusNames[status],
      execType: 'TRADE',
      ...reasonNodesOf(null),
      updatedAt: at,
    };
    const execution: ExecutionNode = {
      executionId: `${report.tradeId}-${maker ? 'M' : 'T'}`,
      tradeId: report.tradeId.toString(),
      orderId: orderId.toString(),
      accountId: String(event.accountId),
      instrumentId: report.instrumentId,
      side: node.side,
      lastQuantity: formatQuantity(report.quantityLots, scale),
      lastPrice: formatPrice(report.priceTicks, scale),
      fee: formatMoney(maker ? extension.makerFeeUnits : extension.takerFeeUnits, scale.moneyExponent),
      maker,
      tradeKind: tradeKindNames[TradeKindName[report.tradeKind] ?? 'Continuous'],
      executedAt: at,
    };
    return { order: this.replace({ ...known, node, cumNotionalUnits }), execution };
  }
}

/** Terms of a new order: those of its command, which the record behind its state may have worked out. */
const enteredTerms = ({ placed }: AccountEvent, scale: InstrumentScale): TermNodes =>
  termNodesOf(placed === null ? noTerms : placedTermsOf(placed.record, placed.extensions, scale), false);

/** Orders without a trigger are triggered too, by their auction; of them nothing is said. */
const isWaiting = (known: TrackedOrder | undefined): boolean => known?.node.triggered === false;

const toldTerms = ({ report, extension }: AccountEvent, scale: InstrumentScale): Partial<ChangingTermNodes> => {
  const told = extension === null || report.type !== 'orderState' ? null : reportedTermsOf(report, [extension], scale);
  return told === null ? {} : changingNodesOf(told);
};

/** A refused entry is an order too: it has its command's number as id and never had leaves. Other refusals change no order. */
const refusedOrder = (
  { report, placed, commandNumber, clientOrderId, timeNanos }: AccountEvent,
  { scale }: InstrumentRow,
): OrderChange | undefined => {
  if (report.type !== 'refusal' || placed === null) return undefined;
  const refused = placed.record;
  const at = nanosToIso(timeNanos);
  const order: OrderNode = {
    orderId: commandNumber.toString(),
    clientOrderId,
    accountId: String(refused.accountId),
    instrumentId: refused.instrumentId,
    side: sideNames[SideName[refused.side] ?? 'Buy'],
    orderType: orderTypeNames[OrderTypeName[refused.orderType] ?? 'Limit'],
    timeInForce: timeInForceNames[TimeInForceName[refused.timeInForce] ?? 'Day'],
    quantity: formatQuantity(refused.quantityLots, scale),
    price: refused.priceTicks === 0n ? null : formatPrice(refused.priceTicks, scale),
    ...termNodesOf(placedTermsOf(refused, placed.extensions, scale), false),
    ...instructionNodesOf(refused.instructions),
    leavesQuantity: '0',
    cumQuantity: '0',
    averagePrice: null,
    orderStatus: 'REJECTED',
    execType: 'REJECTED',
    ...reasonNodesOf(errorCodeOf[report.code] ?? `#${report.code}`),
    refused: { observed: report.observed, limit: report.limit, ruleVersion: report.ruleVersion },
    createdAt: at,
    updatedAt: at,
  };
  return { order, execution: null };
};

const openOrderStatuses = new Set(openStatuses.map((name) => orderStatusNames[name]));
