import { OrderInstruction } from '#contracts/tape/codes.generated.js';
import type { ExecutionRow, OrderRow } from '#platform/read-side/index.js';
import type { Execution, Order } from '../graphql.generated.js';
import { orderStatusNames, orderTypeNames, sideNames, timeInForceNames } from '../graphql/enum-names.js';
import type { ReadView } from '../reads/request-reads.js';

/** An order on its way out: its instrument and executions are resolved only when they are asked for. */
export interface OrderNode extends Omit<Order, 'instrument' | 'executions'> {
  readonly instrumentId: number;
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
  stopPrice: null,
  postOnly: (row.instructions & OrderInstruction.PostOnly) !== 0,
  leavesQuantity: row.leavesQuantity,
  cumQuantity: row.cumQuantity,
  averagePrice: row.averagePrice,
  orderStatus: orderStatusNames[row.orderStatus],
  reason: row.reason,
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
  executedAt: row.executedAt,
});
