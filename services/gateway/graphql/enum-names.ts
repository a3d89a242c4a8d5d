/** Names of the tape as names of GraphQL's enums. Where they differ by more than letter case, a table says how. */
import type {
  InstrumentKindName,
  OrderStatusName,
  OrderTypeName,
  SideName,
  TimeInForceName,
  TradingStateName,
} from '#contracts/tape/codes.generated.js';
import type { InstrumentKind, OrderStatus, OrderType, Side, TimeInForce, Timeframe, TradingState } from '../graphql.generated.js';
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

export const timeframeNames: Readonly<Record<Timeframe, TimeframeOfReadModel>> = {
  M1: '1m',
  M5: '5m',
  M15: '15m',
  H1: '1h',
  H4: '4h',
  D1: '1d',
};
