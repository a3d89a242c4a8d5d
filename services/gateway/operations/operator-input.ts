/** What operators ask for, as commands of the engine: pure. Who may ask has been checked before. */
import type {
  EngineCommand,
  RiskBounds,
  SetReferencePrice,
  SetRestriction,
  SetRiskLimits,
  SetSession,
  SettleInstrument,
  SetTradingState,
  SetTripRule,
} from '#contracts/commands/order-commands.js';
import { plannedPhasesMax } from '#contracts/commands/operator-commands.js';
import { parseAccountId, type AccountId } from '#contracts/ids/ids.js';
import { parseAmountUnits, parsePriceTicks, parseQuantityLots, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';
import {
  LimitScope,
  PricePurpose,
  PriceSource,
  Restriction,
  StateReason,
  StateScope,
  TradingPhase,
  TradingState,
  TripRule,
} from '#contracts/tape/codes.generated.js';
import {
  limitScopeOf,
  pricePurposeOf,
  restrictionOf,
  stateReasonOf,
  stateScopeOf,
  tradingPhaseOf,
  tradingStateOf,
  tripRuleOf,
} from '../graphql/enum-names.js';
import type {
  SetReferencePriceInput,
  SetRestrictionInput,
  SetRiskLimitsInput,
  SetSessionInput,
  SettleInstrumentInput,
  SetTradingStateInput,
  SetTripRuleInput,
} from '../graphql.generated.js';
import { parseNanos } from '../market-data/parse-nanos.js';
import type { InstrumentTerms } from '../ordering/order-input.js';

/** An operator's wish. `symbol` names an instrument where it needs one. */
export type OperatorAction =
  | { readonly type: 'setTradingState'; readonly input: SetTradingStateInput }
  | { readonly type: 'setSession'; readonly input: SetSessionInput }
  | { readonly type: 'setRiskLimits'; readonly input: SetRiskLimitsInput }
  | { readonly type: 'setRestriction'; readonly input: SetRestrictionInput }
  | { readonly type: 'setTripRule'; readonly input: SetTripRuleInput }
  | { readonly type: 'setReferencePrice'; readonly input: SetReferencePriceInput }
  | { readonly type: 'settleInstrument'; readonly input: SettleInstrumentInput };

type Instrument = (InstrumentTerms & { readonly settlementScale: InstrumentScale }) | null;

const uint32Max = 0xffff_ffffn;
const millisNanos = 1_000_000n;

const wholeOf = (argument: string, text: string, max: bigint): Result<bigint> => {
  const value = /^[0-9]{1,20}$/.test(text) ? BigInt(text) : -1n;
  return value >= 0n && value <= max
    ? ok(value)
    : refuse('INVALID_ARGUMENT', { argument, value: text.slice(0, 32), expected: `0 to ${max}` });
};

const accountOf = (text: string): Result<AccountId> => {
  const id = parseAccountId(/^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : 0);
  return id.ok ? id : refuse('UNKNOWN_ACCOUNT', { accountId: text.slice(0, 32) });
};

const needed = (argument: string): Result<never> => refuse('INVALID_ARGUMENT', { argument, expected: 'a value: the scope needs it' });

interface Target {
  readonly scope: 'ACCOUNT' | 'GROUP' | 'INSTRUMENT' | 'GLOBAL';
  readonly accountId?: string | null;
  readonly groupId?: string | null;
}

/** Number of what a scope is about. */
const targetIdOf = ({ scope, accountId, groupId }: Target, instrument: Instrument): Result<number> => {
  switch (scope) {
    case 'GLOBAL':
      return ok(0);
    case 'INSTRUMENT':
      return instrument === null ? needed('symbol') : ok(instrument.instrumentId);
    case 'ACCOUNT':
      return accountId === null || accountId === undefined ? needed('accountId') : accountOf(accountId);
    case 'GROUP': {
      if (groupId === null || groupId === undefined) return needed('groupId');
      const id = wholeOf('groupId', groupId, uint32Max);
      return id.ok ? ok(Number(id.value)) : id;
    }
  }
};

const reasonOf = (reason: SetSessionInput['reason']): StateReason => StateReason[stateReasonOf[reason ?? 'OPERATOR']];

const toSetTradingState = (input: SetTradingStateInput, instrument: Instrument): Result<SetTradingState> => {
  const targetId = targetIdOf(input, instrument);
  if (!targetId.ok) return targetId;
  return ok({
    type: 'SetTradingState',
    scope: StateScope[stateScopeOf[input.scope]],
    state: TradingState[tradingStateOf[input.state]],
    reason: reasonOf(input.reason),
    targetId: targetId.value,
    ...(input.cancelOrders === true ? { cancelOrders: true } : {}),
  });
};

const toSetSession = (input: SetSessionInput, instrument: Instrument): Result<SetSession> => {
  const calendar = wholeOf('calendarId', input.calendarId ?? '0', uint32Max);
  if (!calendar.ok) return calendar;
  if ((instrument === null) === (calendar.value === 0n))
    return refuse('INVALID_ARGUMENT', { argument: 'symbol, calendarId', expected: 'one of them' });
  const until = input.until === null || input.until === undefined ? ok(0n) : parseNanos(input.until, 'until');
  if (!until.ok) return until;
  const planned = input.plan ?? [];
  if (planned.length > plannedPhasesMax)
    return refuse('INVALID_ARGUMENT', { argument: 'plan', value: String(planned.length), limit: String(plannedPhasesMax) });
  const plan: { phase: TradingPhase; atNanos: bigint }[] = [];
  for (const { phase, at } of planned) {
    const atNanos = parseNanos(at, 'plan.at');
    if (!atNanos.ok) return atNanos;
    plan.push({ phase: TradingPhase[tradingPhaseOf[phase]], atNanos: atNanos.value });
  }
  return ok({
    type: 'SetSession',
    instrumentId: instrument?.instrumentId ?? 0,
    calendarId: Number(calendar.value),
    phase: TradingPhase[tradingPhaseOf[input.phase]],
    reason: reasonOf(input.reason),
    untilNanos: until.value,
    ...(plan.length === 0 ? {} : { plan }),
  });
};

const countsOf = (input: SetRiskLimitsInput): Result<RiskBounds> => {
  const counts = {
    maxOpenOrders: input.maxOpenOrders,
    ordersPerSecond: input.ordersPerSecond,
    burstOrders: input.burstOrders,
    collarPpm: input.collarPpm,
    fatFingerPpm: input.fatFingerPpm,
    maxPriceAgeMs: input.maxPriceAgeMs,
  };
  for (const [argument, value] of Object.entries(counts))
    if (value !== null && value !== undefined && value < 0)
      return refuse('INVALID_ARGUMENT', { argument, value: String(value), expected: '0 or more' });
  return ok(Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== null && value !== undefined)));
};

const boundsOf = (input: SetRiskLimitsInput, instrument: Instrument): Result<RiskBounds> => {
  const counts = countsOf(input);
  if (!counts.ok) return counts;
  const bounds: { -readonly [Name in keyof RiskBounds]: RiskBounds[Name] } = { ...counts.value };
  const quantities = { maxOrderQuantityLots: input.maxOrderQuantity, maxPositionLots: input.maxPosition } as const;
  for (const [name, text] of Object.entries(quantities) as [keyof typeof quantities, string | null | undefined][]) {
    if (text === null || text === undefined) continue;
    if (instrument === null)
      return refuse('INVALID_ARGUMENT', { argument: 'symbol', expected: 'an instrument: quantities count its lots' });
    const lots = parseQuantityLots(text, instrument.scale);
    if (!lots.ok) return lots;
    bounds[name] = lots.value;
  }
  const amounts = {
    maxOrderNotionalUnits: input.maxOrderNotional,
    maxGrossUnits: input.maxGrossExposure,
    maxNetUnits: input.maxNetExposure,
    maxDailyLossUnits: input.maxDailyLoss,
  } as const;
  for (const [name, text] of Object.entries(amounts) as [keyof typeof amounts, string | null | undefined][]) {
    if (text === null || text === undefined) continue;
    const units = parseAmountUnits(text);
    if (!units.ok) return units;
    if (units.value <= 0n) return refuse('AMOUNT_NOT_POSITIVE', { argument: name, value: text.slice(0, 64) });
    bounds[name] = units.value;
  }
  return ok(bounds);
};

const versionOf = (version: number): Result<number> =>
  version >= 1 ? ok(version) : refuse('INVALID_ARGUMENT', { argument: 'version', value: String(version), expected: '1 or more' });

const toSetRiskLimits = (input: SetRiskLimitsInput, instrument: Instrument): Result<SetRiskLimits> => {
  const targetId = targetIdOf(input, instrument);
  if (!targetId.ok) return targetId;
  const version = versionOf(input.version);
  if (!version.ok) return version;
  const bounds = boundsOf(input, instrument);
  if (!bounds.ok) return bounds;
  return ok({
    type: 'SetRiskLimits',
    scope: LimitScope[limitScopeOf[input.scope]],
    targetId: targetId.value,
    instrumentId: instrument?.instrumentId ?? 0,
    version: version.value,
    bounds: bounds.value,
  });
};

const toSetRestriction = (input: SetRestrictionInput, instrument: Instrument): Result<SetRestriction> => {
  if (instrument === null) return needed('symbol');
  const account = input.accountId === null || input.accountId === undefined ? ok(0 as const) : accountOf(input.accountId);
  if (!account.ok) return account;
  const version = versionOf(input.version);
  if (!version.ok) return version;
  return ok({
    type: 'SetRestriction',
    accountId: account.value,
    instrumentId: instrument.instrumentId,
    restriction: Restriction[restrictionOf[input.restriction]],
    version: version.value,
  });
};

const thresholdOf = ({ rule, threshold }: SetTripRuleInput): Result<bigint> => {
  if (rule !== 'LOSS') return wholeOf('threshold', threshold, uint32Max);
  const units = parseAmountUnits(threshold);
  return units.ok && units.value < 0n ? refuse('INVALID_ARGUMENT', { argument: 'threshold', value: threshold.slice(0, 64) }) : units;
};

const toSetTripRule = (input: SetTripRuleInput, instrument: Instrument): Result<SetTripRule> => {
  const targetId = targetIdOf(input, instrument);
  if (!targetId.ok) return targetId;
  const threshold = thresholdOf(input);
  if (!threshold.ok) return threshold;
  const windowMs = wholeOf('windowMs', input.windowMs ?? '0', uint32Max);
  if (!windowMs.ok) return windowMs;
  const phaseMs = wholeOf('phaseMs', input.phaseMs ?? '0', uint32Max);
  if (!phaseMs.ok) return phaseMs;
  const { resultingState = null, resultingPhase = null } = input;
  return ok({
    type: 'SetTripRule',
    scope: StateScope[stateScopeOf[input.scope]],
    rule: TripRule[tripRuleOf[input.rule]],
    resultingState: resultingState === null ? 0 : TradingState[tradingStateOf[resultingState]],
    targetId: targetId.value,
    windowNanos: windowMs.value * millisNanos,
    threshold: threshold.value,
    ...(resultingPhase === null
      ? {}
      : { resultingPhase: TradingPhase[tradingPhaseOf[resultingPhase]], phaseNanos: phaseMs.value * millisNanos }),
  });
};

const toSetReferencePrice = (input: SetReferencePriceInput, instrument: Instrument, nowNanos: bigint): Result<SetReferencePrice> => {
  if (instrument === null) return needed('symbol');
  const price = parsePriceTicks(input.price, instrument.scale);
  if (!price.ok) return price;
  return ok({
    type: 'SetReferencePrice',
    instrumentId: instrument.instrumentId,
    source: PriceSource.Operator,
    purpose: PricePurpose[pricePurposeOf[input.purpose]],
    priceTicks: price.value,
    sourceTimeNanos: nowNanos,
  });
};

const toSettleInstrument = (input: SettleInstrumentInput, instrument: Instrument): Result<SettleInstrument> => {
  if (instrument === null) return needed('symbol');
  const price = parsePriceTicks(input.settlementPrice, instrument.settlementScale);
  if (!price.ok) return price;
  return ok({ type: 'SettleInstrument', instrumentId: instrument.instrumentId, settlementPriceTicks: price.value });
};

/** `nowNanos`: wall clock, the time of a price that an operator names. */
export const toOperatorCommand = (action: OperatorAction, instrument: Instrument, nowNanos: bigint): Result<EngineCommand> => {
  switch (action.type) {
    case 'setTradingState':
      return toSetTradingState(action.input, instrument);
    case 'setSession':
      return toSetSession(action.input, instrument);
    case 'setRiskLimits':
      return toSetRiskLimits(action.input, instrument);
    case 'setRestriction':
      return toSetRestriction(action.input, instrument);
    case 'setTripRule':
      return toSetTripRule(action.input, instrument);
    case 'setReferencePrice':
      return toSetReferencePrice(action.input, instrument, nowNanos);
    case 'settleInstrument':
      return toSettleInstrument(action.input, instrument);
  }
};
