/** Names of the tape as names of GraphQL's enums. Where they differ by more than letter case, a table says how. */
import type {
  BalanceReasonName,
  ContingencyName,
  ExecTypeName,
  ExerciseStyleName,
  InstrumentKindName,
  LegRoleName,
  LimitScopeName,
  OffsetUnitName,
  OptionKindName,
  OrderStatusName,
  OrderTypeName,
  PegKindName,
  PricePurposeName,
  RestrictionName,
  SelfTradePreventionName,
  SideName,
  StateReasonName,
  StateScopeName,
  TimeInForceName,
  TradeKindName,
  TradingPhaseName,
  TradingStateName,
  TriggerSourceName,
  TripRuleName,
} from '#contracts/tape/codes.generated.js';
import type {
  CashEntryReason,
  Contingency,
  ExecType,
  ExerciseStyle,
  InstrumentKind,
  LegRole,
  LimitScope,
  OffsetUnit,
  OptionKind,
  OrderInstruction,
  OrderStatus,
  OrderType,
  PegKind,
  PricePurpose,
  Restriction,
  SelfTradePrevention,
  Side,
  StateReason,
  StateScope,
  TimeInForce,
  Timeframe,
  TradeKind,
  TradingPhase,
  TradingState,
  TriggerSource,
  TripRule,
} from '../graphql.generated.js';
import type { OrderInstructionName } from '#contracts/tape/order-terms.js';
import type { Timeframe as TimeframeOfReadModel } from '#platform/read-side/index.js';

const inverse = <Key extends string, Value extends string>(table: Readonly<Record<Key, Value>>): Readonly<Record<Value, Key>> =>
  Object.fromEntries(Object.entries(table).map(([key, value]) => [value, key])) as Record<Value, Key>;

export const sideNames: Readonly<Record<SideName, Side>> = { Buy: 'BUY', Sell: 'SELL' };
export const sideOf = inverse(sideNames);

export const orderTypeNames: Readonly<Record<OrderTypeName, OrderType>> = {
  Market: 'MARKET',
  Limit: 'LIMIT',
  Stop: 'STOP',
  StopLimit: 'STOP_LIMIT',
  MarketToLimit: 'MARKET_TO_LIMIT',
  TrailingStop: 'TRAILING_STOP',
  TrailingStopLimit: 'TRAILING_STOP_LIMIT',
  MarketIfTouched: 'MARKET_IF_TOUCHED',
  LimitIfTouched: 'LIMIT_IF_TOUCHED',
  Pegged: 'PEGGED',
};
export const orderTypeOf = inverse(orderTypeNames);

export const timeInForceNames: Readonly<Record<TimeInForceName, TimeInForce>> = {
  Day: 'DAY',
  GoodTillCancel: 'GTC',
  ImmediateOrCancel: 'IOC',
  FillOrKill: 'FOK',
  GoodTillDate: 'GTD',
  AtTheOpening: 'OPG',
  AtTheClose: 'ATC',
  GoodForAuction: 'GFA',
};
export const timeInForceOf = inverse(timeInForceNames);

export const orderStatusNames: Readonly<Record<OrderStatusName, OrderStatus>> = {
  New: 'NEW',
  PartiallyFilled: 'PARTIALLY_FILLED',
  Filled: 'FILLED',
  DoneForDay: 'DONE_FOR_DAY',
  Canceled: 'CANCELED',
  PendingCancel: 'PENDING_CANCEL',
  Rejected: 'REJECTED',
  Suspended: 'SUSPENDED',
  PendingNew: 'PENDING_NEW',
  Expired: 'EXPIRED',
  PendingReplace: 'PENDING_REPLACE',
};
export const orderStatusOf = inverse(orderStatusNames);

export const instrumentKindNames: Readonly<Record<InstrumentKindName, InstrumentKind>> = {
  Equity: 'EQUITY',
  CryptoSpot: 'CRYPTO_SPOT',
  Future: 'FUTURE',
  Option: 'OPTION',
  ForeignExchange: 'FOREIGN_EXCHANGE',
};

export const tradingStateNames: Readonly<Record<TradingStateName, TradingState>> = {
  Active: 'ACTIVE',
  ReduceOnly: 'REDUCE_ONLY',
  Halted: 'HALTED',
};
export const tradingStateOf = inverse(tradingStateNames);

export const execTypeNames: Readonly<Record<ExecTypeName, ExecType>> = {
  New: 'NEW',
  Trade: 'TRADE',
  Canceled: 'CANCELED',
  Replaced: 'REPLACED',
  Rejected: 'REJECTED',
  Expired: 'EXPIRED',
  Suspended: 'SUSPENDED',
  Triggered: 'TRIGGERED',
  DoneForDay: 'DONE_FOR_DAY',
  Restated: 'RESTATED',
};

export const triggerSourceNames: Readonly<Record<Exclude<TriggerSourceName, 'None'>, TriggerSource>> = {
  Last: 'LAST',
  BidAsk: 'BID_ASK',
  Mark: 'MARK',
};
export const triggerSourceOf = inverse(triggerSourceNames);

export const pegKindNames: Readonly<Record<Exclude<PegKindName, 'None'>, PegKind>> = {
  Primary: 'PRIMARY',
  Mid: 'MID',
  Market: 'MARKET',
};
export const pegKindOf = inverse(pegKindNames);

export const offsetUnitNames: Readonly<Record<Exclude<OffsetUnitName, 'None'>, OffsetUnit>> = {
  Ticks: 'PRICE',
  BasisPoints: 'BASIS_POINTS',
};
export const offsetUnitOf = inverse(offsetUnitNames);

export const instructionNames: Readonly<Record<OrderInstructionName, OrderInstruction>> = {
  PostOnly: 'POST_ONLY',
  PostOnlyReprice: 'POST_ONLY_REPRICE',
  ReduceOnly: 'REDUCE_ONLY',
  Hidden: 'HIDDEN',
  AllOrNone: 'ALL_OR_NONE',
};
export const instructionOf = inverse(instructionNames);

export const selfTradePreventionNames: Readonly<Record<SelfTradePreventionName, SelfTradePrevention>> = {
  Off: 'OFF',
  CancelNewest: 'CANCEL_NEWEST',
  CancelOldest: 'CANCEL_OLDEST',
  CancelBoth: 'CANCEL_BOTH',
  DecrementAndCancel: 'DECREMENT_AND_CANCEL',
};
export const selfTradePreventionOf = inverse(selfTradePreventionNames);

export const contingencyNames: Readonly<Record<Exclude<ContingencyName, 'None'>, Contingency>> = {
  OneCancelsOther: 'ONE_CANCELS_OTHER',
  OneTriggersOther: 'ONE_TRIGGERS_OTHER',
  Bracket: 'BRACKET',
};
export const contingencyOf = inverse(contingencyNames);

export const legRoleNames: Readonly<Record<Exclude<LegRoleName, 'None'>, LegRole>> = {
  Entry: 'ENTRY',
  TakeProfit: 'TAKE_PROFIT',
  StopLoss: 'STOP_LOSS',
  Sibling: 'SIBLING',
  Child: 'CHILD',
};
export const legRoleOf = inverse(legRoleNames);

export const tradeKindNames: Readonly<Record<TradeKindName, TradeKind>> = {
  Continuous: 'CONTINUOUS',
  Auction: 'AUCTION',
  Settlement: 'SETTLEMENT',
};

export const tradingPhaseNames: Readonly<Record<TradingPhaseName, TradingPhase>> = {
  Closed: 'CLOSED',
  PreOpen: 'PRE_OPEN',
  OpeningAuction: 'OPENING_AUCTION',
  Continuous: 'CONTINUOUS',
  VolatilityAuction: 'VOLATILITY_AUCTION',
  ClosingAuction: 'CLOSING_AUCTION',
  PostClose: 'POST_CLOSE',
};
export const tradingPhaseOf = inverse(tradingPhaseNames);

export const stateScopeNames: Readonly<Record<StateScopeName, StateScope>> = {
  Instrument: 'INSTRUMENT',
  Account: 'ACCOUNT',
  Group: 'GROUP',
  Global: 'GLOBAL',
};
export const stateScopeOf = inverse(stateScopeNames);

export const stateReasonNames: Readonly<Record<StateReasonName, StateReason>> = {
  None: 'NONE',
  Operator: 'OPERATOR',
  Schedule: 'SCHEDULE',
  CircuitBreaker: 'CIRCUIT_BREAKER',
  LossLimit: 'LOSS_LIMIT',
  RejectRate: 'REJECT_RATE',
  Regulator: 'REGULATOR',
  Replay: 'REPLAY',
  Definition: 'DEFINITION',
  Expiry: 'EXPIRY',
};
export const stateReasonOf = inverse(stateReasonNames);

export const limitScopeNames: Readonly<Record<LimitScopeName, LimitScope>> = {
  Account: 'ACCOUNT',
  Group: 'GROUP',
  Instrument: 'INSTRUMENT',
  Global: 'GLOBAL',
};
export const limitScopeOf = inverse(limitScopeNames);

export const restrictionNames: Readonly<Record<RestrictionName, Restriction>> = {
  None: 'NONE',
  NoBuy: 'NO_BUY',
  NoSell: 'NO_SELL',
  NoTrade: 'NO_TRADE',
  NoShortSale: 'NO_SHORT_SALE',
};
export const restrictionOf = inverse(restrictionNames);

export const tripRuleNames: Readonly<Record<TripRuleName, TripRule>> = {
  PriceMove: 'PRICE_MOVE',
  Loss: 'LOSS',
  RejectRate: 'REJECT_RATE',
};
export const tripRuleOf = inverse(tripRuleNames);

export const pricePurposeNames: Readonly<Record<PricePurposeName, PricePurpose>> = {
  Reference: 'REFERENCE',
  Mark: 'MARK',
  Both: 'BOTH',
};
export const pricePurposeOf = inverse(pricePurposeNames);

export const optionKindNames: Readonly<Record<Exclude<OptionKindName, 'None'>, OptionKind>> = {
  Call: 'CALL',
  Put: 'PUT',
};

export const exerciseStyleNames: Readonly<Record<Exclude<ExerciseStyleName, 'None'>, ExerciseStyle>> = {
  European: 'EUROPEAN',
  American: 'AMERICAN',
};

/** Reasons that make an entry; the others are not about cash that moved by itself. */
export const cashEntryReasonNames: Readonly<Partial<Record<BalanceReasonName, CashEntryReason>>> = {
  CashMovement: 'CASH_MOVEMENT',
  Settlement: 'SETTLEMENT',
  Allotment: 'ALLOTMENT',
};

export const timeframeNames: Readonly<Record<Timeframe, TimeframeOfReadModel>> = {
  M1: '1m',
  M5: '5m',
  M15: '15m',
  H1: '1h',
  H4: '4h',
  D1: '1d',
};
