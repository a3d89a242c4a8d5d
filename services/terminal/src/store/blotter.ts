import type { ExecutionAnswer, OrderAnswer } from '../api/answers.js';
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
  readonly postOnly: boolean;
  readonly quantityLots: QuantityLots;
  readonly leavesLots: QuantityLots;
  readonly cumLots: QuantityLots;
  readonly priceTicks: PriceTicks | null;
  readonly averageUnits: MoneyUnits | null;
  readonly orderStatus: string;
  readonly reason: string | null;
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

export const orderRow = (order: OrderAnswer, instrument: Instrument): OrderRow => ({
  orderId: order.orderId,
  symbol: order.instrument.symbol,
  side: order.side,
  orderType: order.orderType,
  timeInForce: order.timeInForce,
  postOnly: order.postOnly,
  quantityLots: lotsOf(order.quantity, instrument),
  leavesLots: lotsOf(order.leavesQuantity, instrument),
  cumLots: lotsOf(order.cumQuantity, instrument),
  priceTicks: order.price === null ? null : ticksOf(order.price, instrument),
  averageUnits: order.averagePrice === null ? null : averageUnitsOf(order.averagePrice),
  orderStatus: order.orderStatus,
  reason: order.reason,
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
