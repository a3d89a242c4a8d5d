
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
export type ExecType = "NEW" | "TRADE" | "CANCELED" | "REPLACED" | "REJECTED" | "EXPIRED" | "SUSPENDED" | "TRIGGERED" | "DONE_FOR_DAY" | "RESTATED";
export type TriggerSource = "LAST" | "BID_ASK" | "MARK";
export type PegKind = "PRIMARY" | "MID" | "MARKET";
export type OffsetUnit = "PRICE" | "BASIS_POINTS";
export type OrderInstruction = "POST_ONLY" | "POST_ONLY_REPRICE" | "REDUCE_ONLY" | "HIDDEN" | "ALL_OR_NONE";
export type SelfTradePrevention = "OFF" | "CANCEL_NEWEST" | "CANCEL_OLDEST" | "CANCEL_BOTH" | "DECREMENT_AND_CANCEL";
export type Contingency = "ONE_CANCELS_OTHER" | "ONE_TRIGGERS_OTHER" | "BRACKET";
export type LegRole = "ENTRY" | "TAKE_PROFIT" | "STOP_LOSS" | "SIBLING" | "CHILD";
export type TradeKind = "CONTINUOUS" | "AUCTION" | "SETTLEMENT";
export type TradingPhase = "CLOSED" | "PRE_OPEN" | "OPENING_AUCTION" | "CONTINUOUS" | "VOLATILITY_AUCTION" | "CLOSING_AUCTION" | "POST_CLOSE";
export type StateScope = "INSTRUMENT" | "ACCOUNT" | "GROUP" | "GLOBAL";
export type StateReason = "NONE" | "OPERATOR" | "SCHEDULE" | "CIRCUIT_BREAKER" | "LOSS_LIMIT" | "REJECT_RATE" | "REGULATOR" | "REPLAY" | "DEFINITION" | "EXPIRY";
export type LimitScope = "ACCOUNT" | "GROUP" | "INSTRUMENT" | "GLOBAL";
export type Restriction = "NONE" | "NO_BUY" | "NO_SELL" | "NO_TRADE" | "NO_SHORT_SALE";
export type TripRule = "PRICE_MOVE" | "LOSS" | "REJECT_RATE";
export type PricePurpose = "REFERENCE" | "MARK" | "BOTH";
export type OptionKind = "CALL" | "PUT";
export type ExerciseStyle = "EUROPEAN" | "AMERICAN";
export type InstrumentKind = "EQUITY" | "CRYPTO_SPOT" | "FUTURE" | "OPTION" | "FOREIGN_EXCHANGE";
export type TradingState = "ACTIVE" | "REDUCE_ONLY" | "HALTED";
export type Timeframe = "M1" | "M5" | "M15" | "H1" | "H4" | "D1";
export type AckLevel = "ENGINE" | "DURABLE";
export type BookUpdateKind = "SNAPSHOT" | "DELTA";
export type ExplanationNoteKind = "COMMAND" | "ORDER" | "CHECK" | "COST" | "MARGIN" | "MATCH" | "AUCTIONED" | "FEE" | "RESTED" | "SHOWN" | "WAITS" | "TRIGGERED" | "TRAILED" | "PREVENTED" | "REPRICED" | "REFRESHED" | "SIZED" | "CARRIED" | "LOWERED" | "ENDED" | "REPEATS";
export type CheckRelation = "AT_MOST" | "AT_LEAST" | "HOLDS" | "REFUSED";
export type CashEntryReason = "CASH_MOVEMENT" | "SETTLEMENT" | "ALLOTMENT";

export interface PlaceOrderInput {
    accountId: string;
    symbol: string;
    side: Side;
    orderType: OrderType;
    timeInForce?: Nullable<TimeInForce>;
    quantity: Decimal;
    price?: Nullable<Decimal>;
    stopPrice?: Nullable<Decimal>;
    triggerSource?: Nullable<TriggerSource>;
    trailingOffset?: Nullable<Decimal>;
    trailingUnit?: Nullable<OffsetUnit>;
    limitOffset?: Nullable<Decimal>;
    pegKind?: Nullable<PegKind>;
    pegOffset?: Nullable<Decimal>;
    displayQuantity?: Nullable<Decimal>;
    minimumQuantity?: Nullable<Decimal>;
    expireTime?: Nullable<DateTime>;
    instructions?: Nullable<OrderInstruction[]>;
    postOnly?: Nullable<boolean>;
    selfTradePrevention?: Nullable<SelfTradePrevention>;
    sessionId?: Nullable<Long>;
    clientOrderId?: Nullable<string>;
    ackLevel?: Nullable<AckLevel>;
}

export interface OrderLegInput {
    role?: Nullable<LegRole>;
    side: Side;
    orderType: OrderType;
    timeInForce?: Nullable<TimeInForce>;
    quantity?: Nullable<Decimal>;
    price?: Nullable<Decimal>;
    stopPrice?: Nullable<Decimal>;
    triggerSource?: Nullable<TriggerSource>;
    trailingOffset?: Nullable<Decimal>;
    trailingUnit?: Nullable<OffsetUnit>;
    limitOffset?: Nullable<Decimal>;
    pegKind?: Nullable<PegKind>;
    pegOffset?: Nullable<Decimal>;
    displayQuantity?: Nullable<Decimal>;
    minimumQuantity?: Nullable<Decimal>;
    expireTime?: Nullable<DateTime>;
    instructions?: Nullable<OrderInstruction[]>;
    postOnly?: Nullable<boolean>;
    selfTradePrevention?: Nullable<SelfTradePrevention>;
    clientOrderId?: Nullable<string>;
}

export interface PlaceOrderListInput {
    accountId: string;
    symbol: string;
    contingency: Contingency;
    legs: OrderLegInput[];
    listId?: Nullable<Long>;
    sessionId?: Nullable<Long>;
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
    stopPrice?: Nullable<Decimal>;
    displayQuantity?: Nullable<Decimal>;
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
    sessionId?: Nullable<Long>;
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

export interface KeepAliveInput {
    accountId: string;
    sessionId: Long;
    deadline?: Nullable<DateTime>;
    withinMs?: Nullable<number>;
    ackLevel?: Nullable<AckLevel>;
}

export interface SetTradingStateInput {
    scope: StateScope;
    symbol?: Nullable<string>;
    accountId?: Nullable<string>;
    groupId?: Nullable<Long>;
    state: TradingState;
    reason?: Nullable<StateReason>;
    cancelOrders?: Nullable<boolean>;
    clientOrderId?: Nullable<string>;
}

export interface PlannedPhaseInput {
    phase: TradingPhase;
    at: DateTime;
}

export interface SetSessionInput {
    symbol?: Nullable<string>;
    calendarId?: Nullable<Long>;
    phase: TradingPhase;
    until?: Nullable<DateTime>;
    plan?: Nullable<PlannedPhaseInput[]>;
    reason?: Nullable<StateReason>;
    clientOrderId?: Nullable<string>;
}

export interface SetRiskLimitsInput {
    scope: LimitScope;
    accountId?: Nullable<string>;
    groupId?: Nullable<Long>;
    symbol?: Nullable<string>;
    version: number;
    maxOrderQuantity?: Nullable<Decimal>;
    maxOrderNotional?: Nullable<Decimal>;
    maxPosition?: Nullable<Decimal>;
    maxGrossExposure?: Nullable<Decimal>;
    maxNetExposure?: Nullable<Decimal>;
    maxDailyLoss?: Nullable<Decimal>;
    maxOpenOrders?: Nullable<number>;
    ordersPerSecond?: Nullable<number>;
    burstOrders?: Nullable<number>;
    collarPpm?: Nullable<number>;
    fatFingerPpm?: Nullable<number>;
    maxPriceAgeMs?: Nullable<number>;
    clientOrderId?: Nullable<string>;
}

export interface SetRestrictionInput {
    accountId?: Nullable<string>;
    symbol: string;
    restriction: Restriction;
    version: number;
    clientOrderId?: Nullable<string>;
}

export interface SetTripRuleInput {
    scope: StateScope;
    symbol?: Nullable<string>;
    accountId?: Nullable<string>;
    groupId?: Nullable<Long>;
    rule: TripRule;
    threshold: Decimal;
    windowMs?: Nullable<Long>;
    resultingState?: Nullable<TradingState>;
    resultingPhase?: Nullable<TradingPhase>;
    phaseMs?: Nullable<Long>;
    clientOrderId?: Nullable<string>;
}

export interface SetReferencePriceInput {
    symbol: string;
    price: Decimal;
    purpose: PricePurpose;
    clientOrderId?: Nullable<string>;
}

export interface SettleInstrumentInput {
    symbol: string;
    settlementPrice: Decimal;
    clientOrderId?: Nullable<string>;
}

export interface OrderFilter {
    listId?: Nullable<string>;
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
    stateReason?: Nullable<StateReason>;
    phase?: Nullable<TradingPhase>;
    referencePrice?: Nullable<Decimal>;
    markPrice?: Nullable<Decimal>;
    indicativePrice?: Nullable<Decimal>;
    indicativeQuantity?: Nullable<Decimal>;
    imbalance?: Nullable<Decimal>;
    multiplier: Long;
    underlying?: Nullable<string>;
    expiresAt?: Nullable<DateTime>;
    strikePrice?: Nullable<Decimal>;
    optionKind?: Nullable<OptionKind>;
    exerciseStyle?: Nullable<ExerciseStyle>;
    tickBands: TickBand[];
    quote?: Nullable<Quote>;
}

export interface TickBand {
    fromPrice: Decimal;
    step: Decimal;
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
    stateReason?: Nullable<StateReason>;
    stateReasonText?: Nullable<string>;
    limitsVersion?: Nullable<number>;
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
    triggerSource?: Nullable<TriggerSource>;
    triggered?: Nullable<boolean>;
    trailingOffset?: Nullable<Decimal>;
    trailingUnit?: Nullable<OffsetUnit>;
    limitOffset?: Nullable<Decimal>;
    pegKind?: Nullable<PegKind>;
    pegOffset?: Nullable<Decimal>;
    displayQuantity?: Nullable<Decimal>;
    minimumQuantity?: Nullable<Decimal>;
    expireTime?: Nullable<DateTime>;
    instructions: OrderInstruction[];
    postOnly: boolean;
    selfTradePrevention: SelfTradePrevention;
    list?: Nullable<OrderListLink>;
    leavesQuantity: Decimal;
    cumQuantity: Decimal;
    averagePrice?: Nullable<Decimal>;
    orderStatus: OrderStatus;
    execType?: Nullable<ExecType>;
    reason?: Nullable<string>;
    reasonText?: Nullable<string>;
    refusal?: Nullable<OrderRefusal>;
    createdAt: DateTime;
    updatedAt: DateTime;
    executions: ExecutionConnection;
}

export interface OrderListLink {
    listId: string;
    contingency: Contingency;
    role?: Nullable<LegRole>;
    index: number;
    count: number;
}

export interface OrderRefusal {
    code: string;
    number: number;
    observed?: Nullable<string>;
    limit?: Nullable<string>;
    ruleVersion?: Nullable<number>;
}

export interface OrderExplanation {
    orderId: string;
    symbol: string;
    filledQuantity: Decimal;
    fees: Decimal;
    commands: ExplainedCommand[];
    droppedNotes: number;
}

export interface ExplainedCommand {
    commandNumber: Long;
    command: string;
    executedAt: DateTime;
    notes: ExplanationNote[];
}

export interface ExplanationNote {
    kind: ExplanationNoteKind;
    text: string;
    check?: Nullable<ExplainedCheck>;
    queue?: Nullable<ExplainedQueue>;
    match?: Nullable<ExplainedMatch>;
}

export interface ExplainedCheck {
    code: string;
    number?: Nullable<number>;
    name: string;
    passed: boolean;
    relation: CheckRelation;
    observed?: Nullable<string>;
    limit?: Nullable<string>;
}

export interface ExplainedQueue {
    ordersAhead: Long;
    quantityAhead: Decimal;
    betterQuantity: Decimal;
}

export interface ExplainedMatch {
    price: Decimal;
    quantity: Decimal;
    tradeKind: TradeKind;
    maker?: Nullable<boolean>;
    otherOrderId?: Nullable<string>;
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
    tradeKind: TradeKind;
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

export interface CashEntry {
    accountId: string;
    currency: string;
    reason: CashEntryReason;
    amount: Decimal;
    total: Decimal;
    instrument?: Nullable<Instrument>;
    enteredAt: DateTime;
    commandNumber: Long;
}

export interface CashEntryEdge {
    cursor: string;
    node: CashEntry;
}

export interface CashEntryConnection {
    edges: CashEntryEdge[];
    pageInfo: PageInfo;
    position: Position;
}

export interface Trade {
    tradeId: string;
    symbol: string;
    price: Decimal;
    quantity: Decimal;
    aggressorSide?: Nullable<Side>;
    tradeKind: TradeKind;
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
    tradingState?: Nullable<TradingState>;
    phase?: Nullable<TradingPhase>;
    indicativePrice?: Nullable<Decimal>;
    indicativeQuantity?: Nullable<Decimal>;
    imbalance?: Nullable<Decimal>;
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
    otherOrderId?: Nullable<string>;
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

export interface OrderListAck {
    listId?: Nullable<string>;
    legs: OrderAck[];
    ackLevel: AckLevel;
    position: Position;
    refusal?: Nullable<Refusal>;
}

export interface OperatorAck {
    commandNumber?: Nullable<Long>;
    affectedCount: Long;
    duplicate: boolean;
    ackLevel: AckLevel;
    position: Position;
    refusal?: Nullable<Refusal>;
}

export interface KeepAliveAck {
    deadline?: Nullable<DateTime>;
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

export interface ScopeState {
    scope: StateScope;
    targetId: string;
    tradingState: TradingState;
    stateReason?: Nullable<StateReason>;
    version: number;
    observed: Long;
    limit: Long;
    updatedAt: DateTime;
}

export interface RiskLimits {
    scope: LimitScope;
    targetId: string;
    symbol?: Nullable<string>;
    version: number;
    maxOrderQuantity?: Nullable<Decimal>;
    maxOrderNotional?: Nullable<Decimal>;
    maxPosition?: Nullable<Decimal>;
    maxGrossExposure?: Nullable<Decimal>;
    maxNetExposure?: Nullable<Decimal>;
    maxDailyLoss?: Nullable<Decimal>;
    maxOpenOrders?: Nullable<number>;
    ordersPerSecond?: Nullable<number>;
    burstOrders?: Nullable<number>;
    collarPpm?: Nullable<number>;
    fatFingerPpm?: Nullable<number>;
    maxPriceAgeMs?: Nullable<Long>;
    setAt: DateTime;
}

export interface RestrictionEntry {
    accountId?: Nullable<string>;
    symbol: string;
    restriction: Restriction;
    version: number;
    setAt: DateTime;
}

export interface ArmedTripRule {
    scope: StateScope;
    targetId: string;
    symbol?: Nullable<string>;
    rule: TripRule;
    threshold: Decimal;
    windowMs: Long;
    resultingState?: Nullable<TradingState>;
    resultingPhase?: Nullable<TradingPhase>;
    phaseMs?: Nullable<Long>;
    setAt: DateTime;
}

export interface RiskRules {
    limits: RiskLimits[];
    restrictedListVersion: number;
    restrictions: RestrictionEntry[];
    tripRules: ArmedTripRule[];
    states: ScopeState[];
    stoppedInstruments: Instrument[];
    position: Position;
}

export interface IQuery {
    accounts: Account[];
    instruments: InstrumentConnection;
    instrument?: Nullable<Instrument>;
    order?: Nullable<Order>;
    explainOrder?: Nullable<OrderExplanation>;
    orders: OrderConnection;
    executions: ExecutionConnection;
    positions: AccountPosition[];
    balances: Balance[];
    cashEntries: CashEntryConnection;
    book: Book;
    quotes: Quote[];
    candles: CandleConnection;
    trades: TradeConnection;
    tradingStates: ScopeState[];
    riskRules: RiskRules;
    servedPosition: Position;
}

export interface IMutation {
    placeOrder: OrderAck;
    placeOrderList: OrderListAck;
    amendOrder: OrderAck;
    cancelOrder: OrderAck;
    cancelAllOrders: CancelAllAck;
    deposit: CashAck;
    withdraw: CashAck;
    keepAlive: KeepAliveAck;
    setTradingState: OperatorAck;
    setSession: OperatorAck;
    setRiskLimits: OperatorAck;
    setRestriction: OperatorAck;
    setTripRule: OperatorAck;
    setReferencePrice: OperatorAck;
    settleInstrument: OperatorAck;
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
