/** Rows of the read models as the API serves them: decimals are strings, 64-bit numbers are bigint, times are ISO 8601 in UTC. */
import type {
  AccountKindName,
  BalanceReasonName,
  ExecTypeName,
  ExerciseStyleName,
  InstrumentKindName,
  LimitScopeName,
  OptionKindName,
  OrderStatusName,
  OrderTypeName,
  RestrictionName,
  SideName,
  StateReasonName,
  StateScopeName,
  TimeInForceName,
  TradeKindName,
  TradingPhaseName,
  TradingStateName,
  TripRuleName,
} from '#contracts/tape/codes.generated.js';
import type { InstrumentScale } from '#contracts/money/instrument-scale.js';
import type { ChangingTerms, OrderTermsText } from '#contracts/tape/order-terms.js';

/** From `fromPrice` on, prices are multiples of `step`. */
export interface TickBandRow {
  readonly fromPrice: string;
  readonly step: string;
}

export interface InstrumentRow {
  readonly instrumentId: number;
  readonly symbol: string;
  /** From the listing; the symbol for an instrument that only the tape knows. */
  readonly name: string;
  readonly sector: string | null;
  readonly kind: InstrumentKindName;
  readonly currency: string;
  readonly tickSize: string;
  readonly lotSize: string;
  /** null = no limit. */
  readonly maxQuantity: string | null;
  readonly minNotional: string | null;
  readonly makerFeePpm: number;
  readonly takerFeePpm: number;
  readonly collarPpm: number;
  readonly unitsPerTickLot: bigint;
  readonly scale: InstrumentScale;
  readonly tradingState: TradingStateName;
  readonly stateReason: StateReasonName | null;
  readonly phase: TradingPhaseName | null;
  readonly referencePrice: string | null;
  readonly markPrice: string | null;
  /** While an auction collects. */
  readonly indicativePrice: string | null;
  readonly indicativeQuantity: string | null;
  /** Signed: positive is more to buy. */
  readonly imbalance: string | null;
  readonly underlyingId: number;
  readonly multiplier: bigint;
  readonly expiresAt: string | null;
  readonly strikePrice: string | null;
  readonly optionKind: Exclude<OptionKindName, 'None'> | null;
  readonly exerciseStyle: Exclude<ExerciseStyleName, 'None'> | null;
  /** Ascending; empty where the tick is the step everywhere. */
  readonly tickBands: readonly TickBandRow[];
  readonly lastCommand: bigint;
}

export interface AccountRow {
  readonly accountId: number;
  /** From the opening; `Account <id>` for an account that only the tape knows. */
  readonly name: string;
  readonly kind: AccountKindName;
  readonly groupId: number;
  readonly tradingState: TradingStateName;
  readonly permissions: number;
  readonly stateReason: StateReasonName | null;
  /** Version of the limits or restrictions that were set last; 0 = never. */
  readonly limitsVersion: number;
  readonly lastCommand: bigint;
}

/** The last state that was told of a scope. */
export interface ScopeStateRow {
  readonly scope: StateScopeName;
  /** Account or group; 0 = everywhere. */
  readonly targetId: number;
  readonly tradingState: TradingStateName;
  readonly stateReason: StateReasonName | null;
  readonly version: number;
  /** What tripped it and the bound that it broke, in engine integers; 0 where nothing tripped. */
  readonly observed: bigint;
  readonly limit: bigint;
  readonly updatedAt: string;
}

/** Limits of one scope that are in force, in engine integers: lots, money units of 10^-8, counts; null = no limit. */
export interface RiskLimitRow {
  readonly scope: LimitScopeName;
  /** Account, group or instrument; 0 = everybody. */
  readonly targetId: number;
  /** 0 = every instrument. */
  readonly instrumentId: number;
  readonly version: number;
  readonly maxOrderQuantityLots: bigint | null;
  readonly maxOrderNotionalUnits: bigint | null;
  readonly maxPositionLots: bigint | null;
  readonly maxGrossUnits: bigint | null;
  readonly maxNetUnits: bigint | null;
  readonly maxDailyLossUnits: bigint | null;
  readonly maxOpenOrders: bigint | null;
  readonly ordersPerSecond: bigint | null;
  readonly burstOrders: bigint | null;
  readonly collarPpm: bigint | null;
  readonly fatFingerPpm: bigint | null;
  readonly maxPriceAgeMs: bigint | null;
  readonly setAt: string;
}

/** An entry of the restricted list. */
export interface RestrictionRow {
  /** 0 = every account. */
  readonly accountId: number;
  readonly instrumentId: number;
  readonly restriction: Exclude<RestrictionName, 'None'>;
  readonly version: number;
  readonly setAt: string;
}

/** A circuit breaker that is armed. */
export interface TripRuleRow {
  readonly scope: StateScopeName;
  readonly targetId: number;
  readonly rule: TripRuleName;
  /** Parts per million, money units or a count, by rule. */
  readonly threshold: bigint;
  readonly windowNanos: bigint;
  readonly resultingState: TradingStateName | null;
  readonly resultingPhase: TradingPhaseName | null;
  readonly phaseNanos: bigint | null;
  readonly setAt: string;
}

/** What the engine checked when it refused an order, in engine integers. */
export interface RefusedRow {
  readonly observed: bigint;
  readonly limit: bigint;
  /** Version of the limit or restriction that refused it; 0 = no versioned rule. */
  readonly ruleVersion: number;
}

export interface OrderRow extends OrderTermsText {
  readonly orderId: bigint;
  readonly accountId: number;
  readonly clientOrderId: string | null;
  readonly instrumentId: number;
  readonly symbol: string;
  readonly side: SideName;
  readonly orderType: OrderTypeName;
  readonly timeInForce: TimeInForceName;
  /** OrderInstruction bits. */
  readonly instructions: number;
  readonly quantity: string;
  readonly price: string | null;
  readonly leavesQuantity: string;
  readonly cumQuantity: string;
  /** Sum of price times quantity (times multiplier) of the fills. */
  readonly cumNotional: string;
  /** Sum of price times quantity over cumQuantity, rounded half up at the 9th decimal; null without a fill. */
  readonly averagePrice: string | null;
  readonly orderStatus: OrderStatusName;
  readonly execType: ExecTypeName;
  /** Where the order was triggered; null while it waits and for orders without a trigger. */
  readonly triggeredAt: { readonly commandNumber: bigint; readonly recordIndex: number } | null;
  /** Of a refused order. */
  readonly refused: RefusedRow | null;
  /** Name of the cancel reason, or error code of the refusal; null when there is none. */
  readonly reason: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly createdCommand: bigint;
  readonly lastCommand: bigint;
  readonly lastRecord: number;
}

export interface ExecutionRow {
  /** `<tradeId>-M` for the maker's side, `<tradeId>-T` for the taker's. */
  readonly executionId: string;
  readonly tradeId: bigint;
  readonly orderId: bigint;
  readonly accountId: number;
  readonly instrumentId: number;
  readonly symbol: string;
  readonly side: SideName;
  readonly lastQuantity: string;
  readonly lastPrice: string;
  readonly fee: string;
  readonly maker: boolean;
  readonly tradeKind: TradeKindName;
  readonly executedAt: string;
  readonly commandNumber: bigint;
  readonly recordIndex: number;
}

export interface PositionRow {
  readonly id: string;
  readonly portfolioId: string;
  readonly accountId: number;
  readonly instrumentId: number;
  readonly symbol: string;
  /** Signed: negative is short. */
  readonly quantity: string;
  readonly reservedQuantity: string;
  readonly averageCost: string;
  readonly cost: string;
  readonly realizedPnl: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly lastCommand: bigint;
}

export interface BalanceRow {
  readonly accountId: number;
  readonly currency: string;
  readonly total: string;
  readonly reserved: string;
  readonly available: string;
  readonly updatedAt: string;
  readonly lastCommand: bigint;
}

/** Cash that moved without a trade. */
export interface CashEntryRow {
  readonly commandNumber: bigint;
  readonly recordIndex: number;
  readonly accountId: number;
  readonly currency: string;
  readonly reason: BalanceReasonName;
  /** Signed: negative went out. */
  readonly amount: string;
  readonly total: string;
  /** The derivative of a settlement; else null. */
  readonly instrumentId: number | null;
  readonly enteredAt: string;
}

export interface PortfolioRow {
  readonly id: string;
  readonly userId: string | null;
  readonly accountId: number;
  readonly name: string;
  readonly description: string | null;
  readonly archived: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Visible level in engine integers; the gateway's books count in them too. */
export interface BookLevelRow {
  readonly side: SideName;
  readonly priceTicks: bigint;
  readonly quantityLots: bigint;
  readonly orderCount: number;
}

export interface BookSnapshot {
  readonly instrumentId: number;
  /** Sequence of the last book change of this instrument; 0n before the first. */
  readonly bookSequence: bigint;
  /** Best first. */
  readonly bids: readonly BookLevelRow[];
  readonly asks: readonly BookLevelRow[];
  readonly lastTradeId: bigint | null;
  readonly lastPriceTicks: bigint | null;
  readonly lastQuantityLots: bigint | null;
  readonly lastTradeAt: string | null;
  readonly referencePriceTicks: bigint | null;
}

/** Where a snapshot stands on the tape: continue with the message behind `streamSequence`. */
export interface TapeCheckpoint {
  readonly shard: number;
  readonly streamSequence: bigint;
  /** Every command up to this one is in the snapshot, whole. */
  readonly commandNumber: bigint;
}

export interface BookSnapshots {
  readonly checkpoint: TapeCheckpoint;
  readonly books: readonly BookSnapshot[];
}

export type Timeframe = '1m' | '5m' | '15m' | '1h' | '4h' | '1d';

export const timeframeSeconds: Readonly<Record<Timeframe, number>> = {
  '1m': 60,
  '5m': 300,
  '15m': 900,
  '1h': 3_600,
  '4h': 14_400,
  '1d': 86_400,
};

export interface CandleRow {
  readonly openTime: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly tradeCount: bigint;
}

export interface TradeRow {
  readonly tradeId: bigint;
  readonly instrumentId: number;
  readonly symbol: string;
  readonly price: string;
  readonly quantity: string;
  /** null in an auction. */
  readonly aggressorSide: SideName | null;
  readonly tradeKind: TradeKindName;
  readonly makerOrderId: bigint;
  readonly takerOrderId: bigint;
  readonly makerAccountId: number;
  readonly takerAccountId: number;
  readonly tradeTime: string;
  readonly commandNumber: bigint;
  readonly recordIndex: number;
}

/**
 * One change of one order, as a resumed subscription replays it. A trade does not repeat the terms that it leaves alone: `price`,
 * `orderType`, `timeInForce` and `clientOrderId` are null then, and the order's row has them.
 */
export interface OrderEventRow {
  readonly accountId: number;
  readonly orderId: bigint;
  readonly commandNumber: bigint;
  readonly recordIndex: number;
  readonly instrumentId: number;
  readonly execType: ExecTypeName;
  readonly orderStatus: OrderStatusName;
  readonly side: SideName;
  readonly orderType: OrderTypeName | null;
  readonly timeInForce: TimeInForceName | null;
  readonly instructions: number | null;
  readonly clientOrderId: string | null;
  readonly quantity: string;
  readonly price: string | null;
  readonly leavesQuantity: string;
  readonly cumQuantity: string;
  /** Terms that the event tells anew; null leaves them as they were. */
  readonly terms: ChangingTerms | null;
  /** Of a refused order. */
  readonly refused: RefusedRow | null;
  readonly reason: string | null;
  /** Of a trade; else null. */
  readonly execution: ExecutionRow | null;
  readonly eventTime: string;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
}
