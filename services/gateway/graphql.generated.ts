
/*
 * -------------------------------------------------------
 * THIS FILE WAS AUTOMATICALLY GENERATED (DO NOT MODIFY)
 * -------------------------------------------------------
 */

/* tslint:disable */
/* eslint-disable */

// Generated from schemas/schema.graphql by services/gateway/generate-types.ts. Do not edit.
export type Side = "BUY" | "SELL";
export type OrderType = "MARKET" | "LIMIT" | "STOP" | "STOP_LIMIT" | "MARKET_TO_LIMIT" | "TRAILING_STOP" | "TRAILING_STOP_LIMIT" | "MARKET_IF_TOUCHED" | "LIMIT_IF_TOUCHED" | "PEGGED";
export type TimeInForce = "DAY" | "GTC" | "IOC" | "FOK" | "GTD" | "OPG" | "ATC" | "GFA";
export type OrderStatus = "NEW" | "PARTIALLY_FILLED" | "FILLED" | "DONE_FOR_DAY" | "CANCELED" | "PENDING_CANCEL" | "REJECTED" | "SUSPENDED" | "PENDING_NEW" | "EXPIRED" | "PENDING_REPLACE";
export type InstrumentKind = "EQUITY" | "CRYPTO_SPOT" | "FUTURE" | "OPTION" | "FOREIGN_EXCHANGE";
export type TradingState = "ACTIVE" | "REDUCE_ONLY" | "HALTED";
export type Timeframe = "M1" | "M5" | "M15" | "H1" | "H4" | "D1";
export type AckLevel = "ENGINE" | "DURABLE";
export type BookUpdateKind = "SNAPSHOT" | "DELTA";

export interface PlaceOrderInput {
    accountId: string;
    symbol: string;
    side: Side;
    orderType: OrderType;
    timeInForce?: Nullable<TimeInForce>;
    quantity: Decimal;
    price?: Nullable<Decimal>;
    postOnly?: Nullable<boolean>;
    clientOrderId?: Nullable<string>;
    ackLevel?: Nullable<AckLevel>;
}

export interface AmendOrderInput {
    accountId: string;
    symbol: string;
    orderId?: Nullable<string>;
    origClientOrderId?: Nullable<string>;
    clientOrderId?: Nullable<string>;
    price?: Nullable<Decimal>;
    quantity?: Nullable<Decimal>;
    ackLevel?: Nullable<AckLevel>;
}

export interface CancelOrderInput {
    accountId: string;
    symbol: string;
    orderId?: Nullable<string>;
    origClientOrderId?: Nullable<string>;
    clientOrderId?: Nullable<string>;
    ackLevel?: Nullable<AckLevel>;
}

export interface CancelAllOrdersInput {
    accountId: string;
    symbol?: Nullable<string>;
    side?: Nullable<Side>;
    clientOrderId?: Nullable<string>;
    ackLevel?: Nullable<AckLevel>;
}

export interface CashInput {
    accountId: string;
    currency: string;
    amount: Decimal;
    clientOrderId?: Nullable<string>;
    ackLevel?: Nullable<AckLevel>;
}

export interface OrderFilter {
    symbol?: Nullable<string>;
    orderStatus?: Nullable<OrderStatus[]>;
    open?: Nullable<boolean>;
    side?: Nullable<Side>;
}

export interface PageInfo {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor?: Nullable<string>;
    endCursor?: Nullable<string>;
}

export interface Instrument {
    symbol: string;
    name: string;
    kind: InstrumentKind;
    sector?: Nullable<string>;
    currency: string;
    tickSize: Decimal;
    lotSize: Decimal;
    maxQuantity?: Nullable<Decimal>;
    minNotional?: Nullable<Decimal>;
    makerFeePpm: number;
    takerFeePpm: number;
    tradingState: TradingState;
    quote?: Nullable<Quote>;
}

export interface InstrumentEdge {
    cursor: string;
    node: Instrument;
}

export interface InstrumentConnection {
    edges: InstrumentEdge[];
    pageInfo: PageInfo;
    position: Position;
}

export interface Account {
    id: string;
    name: string;
    kind: string;
    tradingState: TradingState;
    balances: Balance[];
    positions: AccountPosition[];
}

export interface Balance {
    accountId: string;
    currency: string;
    total: Decimal;
    reserved: Decimal;
    available: Decimal;
    updatedAt: DateTime;
}

export interface AccountPosition {
    accountId: string;
    instrument: Instrument;
    quantity: Decimal;
    reservedQuantity: Decimal;
    averageCost: Decimal;
    cost: Decimal;
    realizedPnl: Decimal;
    unrealizedPnl?: Nullable<Decimal>;
    marketValue?: Nullable<Decimal>;
    updatedAt: DateTime;
}

export interface Order {
    orderId: string;
    clientOrderId?: Nullable<string>;
    accountId: string;
    instrument: Instrument;
    side: Side;
    orderType: OrderType;
    timeInForce: TimeInForce;
    quantity: Decimal;
    price?: Nullable<Decimal>;
    stopPrice?: Nullable<Decimal>;
    postOnly: boolean;
    leavesQuantity: Decimal;
    cumQuantity: Decimal;
    averagePrice?: Nullable<Decimal>;
    orderStatus: OrderStatus;
    reason?: Nullable<string>;
    createdAt: DateTime;
    updatedAt: DateTime;
    executions: ExecutionConnection;
}

export interface OrderEdge {
    cursor: string;
    node: Order;
}

export interface OrderConnection {
    edges: OrderEdge[];
    pageInfo: PageInfo;
    position: Position;
}

export interface Execution {
    executionId: string;
    tradeId: string;
    orderId: string;
    accountId: string;
    instrument: Instrument;
    side: Side;
    lastQuantity: Decimal;
    lastPrice: Decimal;
    fee: Decimal;
    maker: boolean;
    executedAt: DateTime;
}

export interface ExecutionEdge {
    cursor: string;
    node: Execution;
}

export interface ExecutionConnection {
    edges: ExecutionEdge[];
    pageInfo: PageInfo;
    position: Position;
}

export interface Trade {
    tradeId: string;
    symbol: string;
    price: Decimal;
    quantity: Decimal;
    aggressorSide?: Nullable<Side>;
    executedAt: DateTime;
    position: Position;
}

export interface TradeEdge {
    cursor: string;
    node: Trade;
}

export interface TradeConnection {
    edges: TradeEdge[];
    pageInfo: PageInfo;
    position: Position;
}

export interface BookLevel {
    price: Decimal;
    quantity: Decimal;
    orderCount: number;
}

export interface Book {
    symbol: string;
    bids: BookLevel[];
    asks: BookLevel[];
    sequence: Long;
    position: Position;
}

export interface BookUpdate {
    kind: BookUpdateKind;
    symbol: string;
    bids: BookLevel[];
    asks: BookLevel[];
    previousSequence: Long;
    sequence: Long;
    position: Position;
}

export interface Quote {
    symbol: string;
    bidPrice?: Nullable<Decimal>;
    bidQuantity?: Nullable<Decimal>;
    askPrice?: Nullable<Decimal>;
    askQuantity?: Nullable<Decimal>;
    lastPrice?: Nullable<Decimal>;
    lastQuantity?: Nullable<Decimal>;
    open?: Nullable<Decimal>;
    high?: Nullable<Decimal>;
    low?: Nullable<Decimal>;
    volume?: Nullable<Decimal>;
    previousClose?: Nullable<Decimal>;
    change?: Nullable<Decimal>;
    changePercent?: Nullable<Decimal>;
    at: DateTime;
    position: Position;
}

export interface Candle {
    symbol: string;
    timeframe: Timeframe;
    openTime: DateTime;
    open: Decimal;
    high: Decimal;
    low: Decimal;
    close: Decimal;
    volume: Decimal;
    tradeCount: Long;
    closed: boolean;
}

export interface CandleEdge {
    cursor: string;
    node: Candle;
}

export interface CandleConnection {
    edges: CandleEdge[];
    pageInfo: PageInfo;
    position: Position;
}

export interface Refusal {
    code: string;
    number: number;
    message: string;
    remedy: string;
    retryable: boolean;
    observed?: Nullable<string>;
    limit?: Nullable<string>;
}

export interface OrderAck {
    orderId?: Nullable<string>;
    clientOrderId?: Nullable<string>;
    orderStatus?: Nullable<OrderStatus>;
    leavesQuantity?: Nullable<Decimal>;
    cumQuantity?: Nullable<Decimal>;
    averagePrice?: Nullable<Decimal>;
    duplicate: boolean;
    ackLevel: AckLevel;
    position: Position;
    refusal?: Nullable<Refusal>;
}

export interface CancelAllAck {
    canceledCount: Long;
    ackLevel: AckLevel;
    position: Position;
    refusal?: Nullable<Refusal>;
}

export interface CashAck {
    accountId: string;
    currency: string;
    ackLevel: AckLevel;
    position: Position;
    duplicate: boolean;
    refusal?: Nullable<Refusal>;
}

export interface IQuery {
    accounts: Account[];
    instruments: InstrumentConnection;
    instrument?: Nullable<Instrument>;
    order?: Nullable<Order>;
    orders: OrderConnection;
    executions: ExecutionConnection;
    positions: AccountPosition[];
    balances: Balance[];
    book: Book;
    quotes: Quote[];
    candles: CandleConnection;
    trades: TradeConnection;
    servedPosition: Position;
}

export interface IMutation {
    placeOrder: OrderAck;
    amendOrder: OrderAck;
    cancelOrder: OrderAck;
    cancelAllOrders: CancelAllAck;
    deposit: CashAck;
    withdraw: CashAck;
}

export interface OrderUpdate {
    order: Order;
    execution?: Nullable<Execution>;
    position: Position;
}

export interface PositionUpdate {
    positionAfter: AccountPosition;
    position: Position;
}

export interface BalanceUpdate {
    balance: Balance;
    position: Position;
}

export interface ISubscription {
    orderUpdates: OrderUpdate;
    positionUpdates: PositionUpdate;
    balanceUpdates: BalanceUpdate;
    book: BookUpdate;
    trades: Trade;
    quotes: Quote;
    candles: Candle;
}

export type Decimal = string;
export type DateTime = string;
export type Long = string;
export type Position = string;
type Nullable<T> = T | null;
