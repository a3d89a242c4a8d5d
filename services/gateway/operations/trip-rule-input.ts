/** `setTripRule` as a command of the engine: which rules there are for which target, and what each of them needs to be armed. */
import type { SetTripRule } from '#contracts/commands/order-commands.js';
import type { InstrumentId } from '#contracts/ids/ids.js';
import { parseAmountUnits } from '#contracts/money/instrument-scale.js';
import { ofArgument, ok, refuse, type Result } from '#contracts/result/result.js';
import { StateScope, TradingPhase, TradingState, TripRule } from '#contracts/tape/codes.generated.js';
import { stateScopeOf, tradingPhaseOf, tradingStateOf, tripRuleOf } from '../graphql/enum-names.js';
import type { SetTripRuleInput, StateScope as Scope, TripRule as Rule } from '../graphql.generated.js';
import { targetIdOf } from './scope-target.js';
import { parseWhole } from './whole-number.js';

const millisNanos = 1_000_000n;
const dayMs = 86_400_000n;

const scopesOf: Readonly<Record<Rule, readonly Scope[]>> = {
  PRICE_MOVE: ['INSTRUMENT'],
  LOSS: ['ACCOUNT', 'GROUP'],
  REJECT_RATE: ['ACCOUNT'],
};

const scopeMisplaced = ({ rule, scope }: SetTripRuleInput): Result<never> | null =>
  scopesOf[rule].includes(scope)
    ? null
    : refuse('INVALID_ARGUMENT', { argument: 'scope', value: scope, expected: `${scopesOf[rule].join(' or ')}: the rule is ${rule}` });

const thresholdOf = ({ rule, threshold }: SetTripRuleInput): Result<bigint> => {
  if (rule !== 'LOSS') return parseWhole('threshold', threshold);
  const units = ofArgument('threshold', parseAmountUnits(threshold));
  return units.ok && units.value < 0n
    ? refuse('INVALID_ARGUMENT', { argument: 'threshold', value: threshold.slice(0, 64), expected: 'an amount of 0 or more' })
    : units;
};

const windowOf = ({ rule, windowMs }: SetTripRuleInput, isArmed: boolean): Result<bigint> => {
  const window = parseWhole('windowMs', windowMs ?? '0');
  if (!window.ok || !isArmed) return window;
  const isRight = rule === 'LOSS' ? window.value === 0n || window.value === dayMs : window.value > 0n;
  const expected = rule === 'LOSS' ? `0 or ${dayMs}: a loss is that of the day` : '1 or more: the rule looks back that far';
  return isRight ? window : refuse('INVALID_ARGUMENT', { argument: 'windowMs', value: String(window.value), expected });
};

/** What an armed rule leads to: a phase where prices moved, else a stricter state. */
const resultMissing = ({ rule, resultingState = null, resultingPhase = null }: SetTripRuleInput): Result<never> | null => {
  if (resultingPhase !== null)
    return rule === 'PRICE_MOVE' && resultingPhase === 'VOLATILITY_AUCTION'
      ? null
      : refuse('INVALID_ARGUMENT', {
          ...{ argument: 'resultingPhase', value: resultingPhase },
          expected: rule === 'PRICE_MOVE' ? 'VOLATILITY_AUCTION' : `nothing: ${rule} leads to a state`,
        });
  return resultingState === 'REDUCE_ONLY' || resultingState === 'HALTED'
    ? null
    : refuse('INVALID_ARGUMENT', { argument: 'resultingState', value: resultingState ?? 'none', expected: 'REDUCE_ONLY or HALTED' });
};

export const toSetTripRule = (input: SetTripRuleInput, instrument: { readonly instrumentId: InstrumentId } | null): Result<SetTripRule> => {
  const targetId = scopeMisplaced(input) ?? targetIdOf(input, instrument);
  if (!targetId.ok) return targetId;
  const threshold = thresholdOf(input);
  if (!threshold.ok) return threshold;
  const isArmed = threshold.value > 0n;
  const windowMs = windowOf(input, isArmed);
  if (!windowMs.ok) return windowMs;
  const phaseMs = parseWhole('phaseMs', input.phaseMs ?? '0');
  if (!phaseMs.ok) return phaseMs;
  const missing = isArmed ? resultMissing(input) : null;
  if (missing !== null) return missing;
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
