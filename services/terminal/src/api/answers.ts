import { flag, integer, list, nodes, nullable, object, oneOf, text, type Decoded } from './decode.js';

/** GraphQL selections beside the decoders that read them: a field is added to both or to none. */
const side = oneOf('BUY', 'SELL');

export const quoteFields =
  'symbol bidPrice askPrice lastPrice open high low volume previousClose tradingState phase indicativePrice indicativeQuantity imbalance at';
export const quoteAnswer = object({
  symbol: text,
  bidPrice: nullable(text),
  askPrice: nullable(text),
  lastPrice: nullable(text),
  open: nullable(text),
  high: nullable(text),
  low: nullable(text),
  volume: nullable(text),
  previousClose: nullable(text),
  tradingState: nullable(text),
  phase: nullable(text),
  indicativePrice: nullable(text),
  indicativeQuantity: nullable(text),
  imbalance: nullable(text),
  at: text,
});
export type QuoteAnswer = Decoded<typeof quoteAnswer>;

export const instrumentFields = `symbol name kind currency tickSize lotSize minNotional makerFeePpm takerFeePpm tradingState multiplier`;
export const instrumentAnswer = object({
  symbol: text,
  name: text,
  kind: text,
  currency: text,
  tickSize: text,
  lotSize: text,
  minNotional: nullable(text),
  makerFeePpm: integer,
  takerFeePpm: integer,
  tradingState: text,
  multiplier: text,
});

const level = object({ price: text, quantity: text, orderCount: integer });
export const bookFields = 'kind symbol bids { price quantity orderCount } asks { price quantity orderCount } previousSequence sequence';
export const bookUpdateAnswer = object({
  kind: oneOf('SNAPSHOT', 'DELTA'),
  symbol: text,
  bids: list(level),
  asks: list(level),
  previousSequence: text,
  sequence: text,
});
export type BookUpdateAnswer = Decoded<typeof bookUpdateAnswer>;

export const tradeFields = 'tradeId symbol price quantity aggressorSide executedAt';
export const tradeAnswer = object({
  tradeId: text,
  symbol: text,
  price: text,
  quantity: text,
  aggressorSide: nullable(side),
  executedAt: text,
});
export type TradeAnswer = Decoded<typeof tradeAnswer>;

export const candleFields = 'symbol timeframe openTime open high low close volume';
export const candleAnswer = object({
  symbol: text,
  timeframe: text,
  openTime: text,
  open: text,
  high: text,
  low: text,
  close: text,
  volume: text,
});
export type CandleAnswer = Decoded<typeof candleAnswer>;

export const orderFields =
  'orderId clientOrderId instrument { symbol } side orderType timeInForce quantity price stopPrice triggerSource triggered trailingOffset trailingUnit pegKind pegOffset displayQuantity minimumQuantity expireTime instructions list { listId contingency role index count } leavesQuantity cumQuantity averagePrice orderStatus reason reasonText createdAt updatedAt';
export const orderAnswer = object({
  orderId: text,
  clientOrderId: nullable(text),
  instrument: object({ symbol: text }),
  side,
  orderType: text,
  timeInForce: text,
  quantity: text,
  price: nullable(text),
  stopPrice: nullable(text),
  triggerSource: nullable(text),
  triggered: nullable(flag),
  trailingOffset: nullable(text),
  trailingUnit: nullable(text),
  pegKind: nullable(text),
  pegOffset: nullable(text),
  displayQuantity: nullable(text),
  minimumQuantity: nullable(text),
  expireTime: nullable(text),
  instructions: list(text),
  list: nullable(object({ listId: text, contingency: text, role: nullable(text), index: integer, count: integer })),
  leavesQuantity: text,
  cumQuantity: text,
  averagePrice: nullable(text),
  orderStatus: text,
  reason: nullable(text),
  reasonText: nullable(text),
  createdAt: text,
  updatedAt: text,
});
export type OrderAnswer = Decoded<typeof orderAnswer>;

export const executionFields = 'executionId orderId instrument { symbol } side lastQuantity lastPrice fee maker tradeKind executedAt';
export const executionAnswer = object({
  executionId: text,
  orderId: text,
  instrument: object({ symbol: text }),
  side,
  lastQuantity: text,
  lastPrice: text,
  fee: text,
  maker: flag,
  tradeKind: text,
  executedAt: text,
});
export type ExecutionAnswer = Decoded<typeof executionAnswer>;

export const positionFields = 'instrument { symbol } quantity reservedQuantity averageCost realizedPnl updatedAt';
export const positionAnswer = object({
  instrument: object({ symbol: text }),
  quantity: text,
  reservedQuantity: text,
  averageCost: text,
  realizedPnl: text,
  updatedAt: text,
});
export type PositionAnswer = Decoded<typeof positionAnswer>;

export const balanceFields = 'currency total reserved available';
export const balanceAnswer = object({ currency: text, total: text, reserved: text, available: text });
export type BalanceAnswer = Decoded<typeof balanceAnswer>;

const refusalFields = 'code number message remedy retryable observed limit';
export const refusalAnswer = object({
  code: text,
  number: integer,
  message: text,
  remedy: text,
  retryable: flag,
  observed: nullable(text),
  limit: nullable(text),
});
export type RefusalAnswer = Decoded<typeof refusalAnswer>;

export const ackFields = `orderId orderStatus leavesQuantity cumQuantity averagePrice refusal { ${refusalFields} }`;
export const ackAnswer = object({
  orderId: nullable(text),
  orderStatus: nullable(text),
  leavesQuantity: nullable(text),
  cumQuantity: nullable(text),
  averagePrice: nullable(text),
  refusal: nullable(refusalAnswer),
});
export type AckAnswer = Decoded<typeof ackAnswer>;
export const listAckFields = `listId legs { ${ackFields} } refusal { ${refusalFields} }`;
export const listAckAnswer = object({ listId: nullable(text), legs: list(ackAnswer), refusal: nullable(refusalAnswer) });
export const cancelAllFields = `canceledCount refusal { ${refusalFields} }`;
export const cancelAllAnswer = object({ canceledCount: text, refusal: nullable(refusalAnswer) });

export const explanationFields = `symbol filledQuantity fees droppedNotes commands { commandNumber command executedAt notes { kind text
  check { code name passed relation observed limit } queue { ordersAhead quantityAhead betterQuantity } match { price quantity maker } } }`;
export const explanationAnswer = object({
  symbol: text,
  filledQuantity: text,
  fees: text,
  droppedNotes: integer,
  commands: list(
    object({
      commandNumber: text,
      command: text,
      executedAt: text,
      notes: list(
        object({
          kind: text,
          text,
          check: nullable(
            object({ code: text, name: text, passed: flag, relation: text, observed: nullable(text), limit: nullable(text) }),
          ),
          queue: nullable(object({ ordersAhead: text, quantityAhead: text, betterQuantity: text })),
          match: nullable(object({ price: text, quantity: text, maker: nullable(flag) })),
        }),
      ),
    }),
  ),
});
export type ExplanationAnswer = Decoded<typeof explanationAnswer>;

export const accountAnswer = object({ id: text, name: text });
export const demoAnswer = object({ accounts: list(object({ id: text, name: text, token: text })) });

export const marketAnswer = object({ instruments: nodes(instrumentAnswer), quotes: list(quoteAnswer), accounts: list(accountAnswer) });
export const marketDocument = `query Market { accounts { id name } instruments(first: 200) { edges { node { ${instrumentFields} } } } quotes { ${quoteFields} } }`;

export const accountStateAnswer = object({
  open: object({ position: text }),
  openOrders: nodes(orderAnswer),
  recentOrders: nodes(orderAnswer),
  executions: nodes(executionAnswer),
  positions: list(positionAnswer),
  balances: list(balanceAnswer),
});
export const accountStateDocument = `query AccountState($accountId: ID!) {
  open: orders(accountId: $accountId, filter: { open: true }, first: 1) { position }
  openOrders: orders(accountId: $accountId, filter: { open: true }, first: 200) { edges { node { ${orderFields} } } }
  recentOrders: orders(accountId: $accountId, first: 100) { edges { node { ${orderFields} } } }
  executions(accountId: $accountId, first: 100) { edges { node { ${executionFields} } } }
  positions(accountId: $accountId) { ${positionFields} }
  balances(accountId: $accountId) { ${balanceFields} }
}`;

export const tradesAnswer = object({ trades: nodes(tradeAnswer) });
export const tradesDocument = `query Trades($symbol: String!) { trades(symbol: $symbol, first: 500) { edges { node { ${tradeFields} } } } }`;
export const candlesAnswer = object({ candles: nodes(candleAnswer) });
export const candlesDocument = `query Candles($symbol: String!, $timeframe: Timeframe!) { candles(symbol: $symbol, timeframe: $timeframe, first: 300) { edges { node { ${candleFields} } } } }`;
