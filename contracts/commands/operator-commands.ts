/** Commands of operators, schedules and risk desks as values. 0 in an optional bound means that there is none. */
import type { AccountId, CurrencyId, InstrumentId } from '../ids/ids.js';
import type {
  AllotmentLeg,
  LimitScope,
  Restriction,
  StateReason,
  StateScope,
  TradingPhase,
  TradingState,
  TripRule,
} from '../tape/codes.generated.js';
import type { CommandBase } from './command-base.js';

/** Bounds of one scope; an absent one is no limit. */
export interface RiskBounds {
  readonly maxOrderQuantityLots?: bigint;
  readonly maxOrderNotionalUnits?: bigint;
  readonly maxPositionLots?: bigint;
  readonly maxGrossUnits?: bigint;
  readonly maxNetUnits?: bigint;
  readonly maxDailyLossUnits?: bigint;
  readonly maxOpenOrders?: number;
  readonly ordersPerSecond?: number;
  readonly burstOrders?: number;
  readonly collarPpm?: number;
  readonly fatFingerPpm?: number;
  /** Oldest reference price that a collar goes by, in milliseconds. */
  readonly maxPriceAgeMs?: number;
}

/** Replaces all limits of a scope: what is not named has no limit afterwards. */
export interface SetRiskLimits extends CommandBase {
  readonly type: 'SetRiskLimits';
  readonly scope: LimitScope;
  /** Account or group; the instrument for scope instrument, 0 for scope global. */
  readonly targetId: number;
  /** 0 = every instrument. */
  readonly instrumentId: InstrumentId | 0;
  readonly version: number;
  readonly bounds: RiskBounds;
}

export interface SetRestriction extends CommandBase {
  readonly type: 'SetRestriction';
  /** 0 = every account. */
  readonly accountId: AccountId | 0;
  readonly instrumentId: InstrumentId;
  readonly restriction: Restriction;
  readonly version: number;
}

/** A phase of a session plan and the engine time at which it begins. */
export interface PlannedPhase {
  readonly phase: TradingPhase;
  readonly atNanos: bigint;
}

export interface SetSession extends CommandBase {
  readonly type: 'SetSession';
  /** 0 = every instrument of the calendar. */
  readonly instrumentId: InstrumentId | 0;
  readonly calendarId: number;
  readonly phase: TradingPhase;
  readonly reason: StateReason;
  /** 0n = open end. */
  readonly untilNanos: bigint;
  /** Phases that follow, ascending. */
  readonly plan?: readonly PlannedPhase[];
}

export interface SettleInstrument extends CommandBase {
  readonly type: 'SettleInstrument';
  readonly instrumentId: InstrumentId;
  readonly settlementPriceTicks: bigint;
}

/** Dead-man switch: the session's orders are cancelled at this engine time unless it is renewed. */
export interface KeepAlive extends CommandBase {
  readonly type: 'KeepAlive';
  readonly accountId: AccountId;
  /** 0n = off. */
  readonly deadlineNanos: bigint;
}

export interface TransferAllotment extends CommandBase {
  readonly type: 'TransferAllotment';
  readonly accountId: AccountId;
  readonly currencyId: CurrencyId;
  readonly leg: AllotmentLeg;
  readonly otherShard: number;
  readonly amountUnits: bigint;
  readonly transferId: bigint;
}

export interface SetTripRule extends CommandBase {
  readonly type: 'SetTripRule';
  readonly scope: StateScope;
  readonly rule: TripRule;
  readonly resultingState: TradingState | 0;
  readonly targetId: number;
  readonly windowNanos: bigint;
  /** Parts per million, money units or a count, by rule; 0n takes the rule away. */
  readonly threshold: bigint;
  /** Phase that an instrument enters instead of a state. */
  readonly resultingPhase?: TradingPhase;
  readonly phaseNanos?: bigint;
}

export type OperatorCommand = SetRiskLimits | SetRestriction | SetSession | SettleInstrument | KeepAlive | TransferAllotment | SetTripRule;

/** Most phases that one plan holds: three in an extension record, and three of them fit beside a client order id. */
export const plannedPhasesMax = 9;
