import type { ExecutionRow, OrderRow, RefusedRow } from '#platform/read-side/index.js';
import type { Execution, Order } from '../graphql.generated.js';
import { execTypeNames, orderStatusNames, orderTypeNames, sideNames, timeInForceNames, tradeKindNames } from '../graphql/enum-names.js';
import type { ReadView } from '../reads/request-reads.js';
import { instructionNodesOf, reasonNodesOf, termNodesOf } from './order-terms-node.js';

/** An order on its way out: its instrument, executions and refusal are resolved only when they are asked for. */
export interface OrderNode extends Omit<Order, 'instrument' | 'executions' | 'refusal'> {
  readonly instrumentId: number;
  /** What the engine checked when it refused the order; null for every other order. */
  readonly refused: RefusedRow | null;
  /** Models that nested executions are read from; absent in live updates, which open one when asked. */
  readonly view?: ReadView;
}

export interface ExecutionNode extends Omit<Execution, 'instrument'> {
  readonly instrumentId: number;
}

export const orderNodeOf = (row: OrderRow, view?: ReadView): OrderNode => ({
  ...(view === undefined ? {} : { view }),
  orderId: row.orderId.toString(),
  clientOrderId: row.clientOrderId,
  accountId: String(row.accountId),
  instrumentId: row.instrumentId,
  side: sideNames[row.side],
  orderType: orderTypeNames[row.orderType],
  timeInForce: timeInForceNames[row.timeInForce],
  quantity: row.quantity,
  price: row.price,
  ...termNodesOf(row, row.triggeredAt !== null),
  ...instructionNodesOf(row.instructions),
  leavesQuantity: row.leavesQuantity,
  cumQuantity: row.cumQuantity,
  averagePrice: row.averagePrice,
  orderStatus: orderStatusNames[row.orderStatus],
  execType: execTypeNames[row.execType],
  ...reasonNodesOf(row.reason),
  refused: row.refused,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
});

export const executionNodeOf = (row: ExecutionRow): ExecutionNode => ({
  executionId: row.executionId,
  tradeId: row.tradeId.toString(),
  orderId: row.orderId.toString(),
  accountId: String(row.accountId),
  instrumentId: row.instrumentId,
  side: sideNames[row.side],
  lastQuantity: row.lastQuantity,
  lastPrice: row.lastPrice,
  fee: row.fee,
  maker: row.maker,
  tradeKind: tradeKindNames[row.tradeKind],
  executedAt: row.executedAt,
});
