/** What operators ask for, as commands of the engine: pure. Who may ask has been checked before. */
import type {
  EngineCommand,
  SetReferencePrice,
  SetRestriction,
  SettleInstrument,
  SetTradingState,
} from '#contracts/commands/order-commands.js';
import { parsePriceTicks, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { ofArgument, ok, refuse, type Result } from '#contracts/result/result.js';
import { PricePurpose, PriceSource, Restriction, StateReason, StateScope, TradingState } from '#contracts/tape/codes.generated.js';
import { pricePurposeOf, restrictionOf, stateReasonOf, stateScopeOf, tradingStateOf } from '../graphql/enum-names.js';
import type {
  SetReferencePriceInput,
  SetRestrictionInput,
  SetRiskLimitsInput,
  SetSessionInput,
  SettleInstrumentInput,
  SetTradingStateInput,
  SetTripRuleInput,
} from '../graphql.generated.js';
import type { InstrumentTerms } from '../ordering/order-input.js';
import { toSetRiskLimits } from './risk-limits-input.js';
import { parseVersion } from './rule-version.js';
import { accountOf, needed, targetIdOf } from './scope-target.js';
import { toSetSession } from './session-input.js';
import { toSetTripRule } from './trip-rule-input.js';

/** An operator's wish. `symbol` names an instrument where it needs one. */
export type OperatorAction =
  | { readonly type: 'setTradingState'; readonly input: SetTradingStateInput }
  | { readonly type: 'setSession'; readonly input: SetSessionInput }
  | { readonly type: 'setRiskLimits'; readonly input: SetRiskLimitsInput }
  | { readonly type: 'setRestriction'; readonly input: SetRestrictionInput }
  | { readonly type: 'setTripRule'; readonly input: SetTripRuleInput }
  | { readonly type: 'setReferencePrice'; readonly input: SetReferencePriceInput }
  | { readonly type: 'settleInstrument'; readonly input: SettleInstrumentInput };

/** The instrument that a wish names, as the commands here need it. */
export interface OperatedInstrument extends InstrumentTerms {
  readonly settlementScale: InstrumentScale;
  /** A future or an option. */
  readonly isDerivative: boolean;
}
type Instrument = OperatedInstrument | null;

const toSetTradingState = (input: SetTradingStateInput, instrument: Instrument): Result<SetTradingState> => {
  const targetId = targetIdOf(input, instrument);
  if (!targetId.ok) return targetId;
  if (input.cancelOrders === true && input.state !== 'HALTED')
    return refuse('INVALID_ARGUMENT', { argument: 'cancelOrders', value: 'true', expected: 'state HALTED beside it' });
  return ok({
    type: 'SetTradingState',
    scope: StateScope[stateScopeOf[input.scope]],
    state: TradingState[tradingStateOf[input.state]],
    reason: StateReason[stateReasonOf[input.reason ?? 'OPERATOR']],
    targetId: targetId.value,
    ...(input.cancelOrders === true ? { cancelOrders: true } : {}),
  });
};

const toSetRestriction = (input: SetRestrictionInput, instrument: Instrument): Result<SetRestriction> => {
  if (instrument === null) return needed('symbol');
  const account = input.accountId === null || input.accountId === undefined ? ok(0 as const) : accountOf(input.accountId);
  if (!account.ok) return account;
  const version = parseVersion(input.version);
  if (!version.ok) return version;
  return ok({
    type: 'SetRestriction',
    accountId: account.value,
    instrumentId: instrument.instrumentId,
    restriction: Restriction[restrictionOf[input.restriction]],
    version: version.value,
  });
};

const toSetReferencePrice = (input: SetReferencePriceInput, instrument: Instrument, nowNanos: bigint): Result<SetReferencePrice> => {
  if (instrument === null) return needed('symbol');
  const price = ofArgument('price', parsePriceTicks(input.price, instrument.scale));
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
  if (!instrument.isDerivative)
    return refuse('INVALID_ARGUMENT', { argument: 'symbol', value: input.symbol, expected: 'a future or an option: nothing else settles' });
  const price = ofArgument('settlementPrice', parsePriceTicks(input.settlementPrice, instrument.settlementScale));
  if (!price.ok) return price;
  return ok({ type: 'SettleInstrument', instrumentId: instrument.instrumentId, settlementPriceTicks: price.value });
};

/** `nowNanos`: wall clock, which the writer stamps commands with; the time of a price that an operator names. */
export const toOperatorCommand = (action: OperatorAction, instrument: Instrument, nowNanos: bigint): Result<EngineCommand> => {
  switch (action.type) {
    case 'setTradingState':
      return toSetTradingState(action.input, instrument);
    case 'setSession':
      return toSetSession(action.input, instrument, nowNanos);
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
