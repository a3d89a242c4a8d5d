import type { ExecutionAnswer, OrderAnswer } from '../api/answers.js';
import { formatFixed } from '../model/format.js';
import {
  averageUnitsOf,
  lotsOf,
  ticksOf,
  unitsOf,
  type Instrument,
  type MoneyUnits,
  type PriceTicks,
  type QuantityLots,
  type Side,
} from '../model/values.js';

export interface OrderRow {
  readonly orderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: string;
  readonly timeInForce: string;
  readonly instructions: readonly string[];
  readonly quantityLots: QuantityLots;
  readonly leavesLots: QuantityLots;
  readonly cumLots: QuantityLots;
  readonly priceTicks: PriceTicks | null;
  readonly stopTicks: PriceTicks | null;
  readonly triggerSource: string | null;
  /** Null for an order without a trigger. */
  readonly triggered: boolean | null;
  /** Distance of a trailing trigger in words. */
  readonly trailing: string | null;
  /** What a pegged order follows, in words. */
  readonly peg: string | null;
  readonly displayLots: QuantityLots | null;
  readonly minimumLots: QuantityLots | null;
  readonly list: OrderAnswer['list'];
  readonly averageUnits: MoneyUnits | null;
  readonly orderStatus: string;
  readonly reason: string | null;
  /** The reason as a sentence. */
  readonly reasonText: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ExecutionRow {
  readonly executionId: string;
  readonly orderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantityLots: QuantityLots;
  readonly priceTicks: PriceTicks;
  readonly feeUnits: MoneyUnits;
  readonly maker: boolean;
  readonly tradeKind: string;
  readonly executedAt: string;
}

export interface BlotterState {
  readonly orders: ReadonlyMap<string, OrderRow>;
  /** Newest first. */
  readonly executions: readonly ExecutionRow[];
}

export const emptyBlotter: BlotterState = { orders: new Map(), executions: [] };

const closedOrdersMax = 200;
const executionsMax = 200;
const openStatuses: ReadonlySet<string> = new Set([
  'NEW',
  'PARTIALLY_FILLED',
  'PENDING_NEW',
  'PENDING_CANCEL',
  'PENDING_REPLACE',
  'SUSPENDED',
]);

export const isOpen = ({ orderStatus }: OrderRow): boolean => openStatuses.has(orderStatus);

const pegNames: Readonly<Record<string, string>> = { PRIMARY: 'own side', MID: 'middle', MARKET: 'other side' };

const pegWords = ({ pegKind, pegOffset }: OrderAnswer): string | null => {
  if (pegKind === null) return null;
  const offset = pegOffset === null || pegOffset === '0' ? '' : ` ${pegOffset.startsWith('-') ? '−' : '+'} ${pegOffset.replace('-', '')}`;
  return `follows ${pegNames[pegKind] ?? pegKind}${offset}`;
};

const trailingWords = ({ trailingOffset, trailingUnit }: OrderAnswer): string | null =>
  trailingOffset === null || trailingUnit !== 'BASIS_POINTS' ? trailingOffset : `${formatFixed(BigInt(trailingOffset), 2, 2)}%`;

export const orderRow = (order: OrderAnswer, instrument: Instrument): OrderRow => ({
  orderId: order.orderId,
  symbol: order.instrument.symbol,
  side: order.side,
  orderType: order.orderType,
  timeInForce: order.timeInForce,
  instructions: order.instructions,
  quantityLots: lotsOf(order.quantity, instrument),
  leavesLots: lotsOf(order.leavesQuantity, instrument),
  cumLots: lotsOf(order.cumQuantity, instrument),
  priceTicks: order.price === null ? null : ticksOf(order.price, instrument),
  stopTicks: order.stopPrice === null ? null : ticksOf(order.stopPrice, instrument),
  triggerSource: order.triggerSource,
  triggered: order.triggered,
  trailing: trailingWords(order),
  peg: pegWords(order),
  displayLots: order.displayQuantity === null ? null : lotsOf(order.displayQuantity, instrument),
  minimumLots: order.minimumQuantity === null ? null : lotsOf(order.minimumQuantity, instrument),
  list: order.list,
  averageUnits: order.averagePrice === null ? null : averageUnitsOf(order.averagePrice),
  orderStatus: order.orderStatus,
  reason: order.reason,
  reasonText: order.reasonText,
  createdAt: order.createdAt,
  updatedAt: order.updatedAt,
});

export const executionRow = (execution: ExecutionAnswer, instrument: Instrument): ExecutionRow => ({
  executionId: execution.executionId,
  orderId: execution.orderId,
  symbol: execution.instrument.symbol,
  side: execution.side,
  quantityLots: lotsOf(execution.lastQuantity, instrument),
  priceTicks: ticksOf(execution.lastPrice, instrument),
  feeUnits: unitsOf(execution.fee),
  maker: execution.maker,
  tradeKind: execution.tradeKind,
  executedAt: execution.executedAt,
});

const newestOrderFirst = (a: OrderRow, b: OrderRow): number => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0);

/** Updates of one account come in order, so the newest replaces. The oldest closed orders are dropped beyond the bound, open ones never. */
export const upsertOrder = (state: BlotterState, order: OrderRow): BlotterState => {
  const orders = new Map(state.orders).set(order.orderId, order);
  const closed = [...orders.values()].filter((row) => !isOpen(row)).sort(newestOrderFirst);
  for (const row of closed.slice(closedOrdersMax)) orders.delete(row.orderId);
  return { ...state, orders };
};

/** A repeated execution (history and stream overlap) changes nothing. */
export const addExecution = (state: BlotterState, execution: ExecutionRow): BlotterState =>
  state.executions.some(({ executionId }) => executionId === execution.executionId)
    ? state
    : { ...state, executions: [execution, ...state.executions].slice(0, executionsMax) };

export const openOrdersOf = (state: BlotterState): readonly OrderRow[] => [...state.orders.values()].filter(isOpen).sort(newestOrderFirst);
export const closedOrdersOf = (state: BlotterState): readonly OrderRow[] =>
  [...state.orders.values()].filter((order) => !isOpen(order)).sort(newestOrderFirst);
