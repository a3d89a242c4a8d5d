/** `setRiskLimits` as a command of the engine. A limit that is left out does not exist; so 0 is no limit and is refused, whatever it bounds. */
import type { RiskBounds, SetRiskLimits } from '#contracts/commands/order-commands.js';
import { parseAmountUnits, parseQuantityLots, type InstrumentScale } from '#contracts/money/instrument-scale.js';
import { ofArgument, ok, refuse, type Result } from '#contracts/result/result.js';
import { LimitScope } from '#contracts/tape/codes.generated.js';
import { limitScopeOf } from '../graphql/enum-names.js';
import type { SetRiskLimitsInput } from '../graphql.generated.js';
import type { InstrumentTerms } from '../ordering/order-input.js';
import { parseVersion } from './rule-version.js';
import { targetIdOf } from './scope-target.js';

type Bounds = { -readonly [Name in keyof RiskBounds]: RiskBounds[Name] };
type Written = 'maxOrderQuantity' | 'maxPosition' | 'maxOrderNotional' | 'maxGrossExposure' | 'maxNetExposure' | 'maxDailyLoss';

const counts = ['maxOpenOrders', 'ordersPerSecond', 'burstOrders', 'collarPpm', 'fatFingerPpm', 'maxPriceAgeMs'] as const;
const quantities = [
  ['maxOrderQuantity', 'maxOrderQuantityLots'],
  ['maxPosition', 'maxPositionLots'],
] as const;
const amounts = [
  ['maxOrderNotional', 'maxOrderNotionalUnits'],
  ['maxGrossExposure', 'maxGrossUnits'],
  ['maxNetExposure', 'maxNetUnits'],
  ['maxDailyLoss', 'maxDailyLossUnits'],
] as const;

const withCounts = (bounds: Bounds, input: SetRiskLimitsInput): Result<Bounds> => {
  for (const argument of counts) {
    const value = input[argument] ?? null;
    if (value === null) continue;
    if (value < 1)
      return refuse('INVALID_ARGUMENT', { argument, value: String(value), expected: '1 or more, or nothing where there is no limit' });
    bounds[argument] = value;
  }
  if (bounds.burstOrders !== undefined && bounds.ordersPerSecond === undefined)
    return refuse('INVALID_ARGUMENT', {
      ...{ argument: 'burstOrders', value: String(bounds.burstOrders), expected: 'ordersPerSecond beside it, which refills the burst' },
    });
  return ok(bounds);
};

const lotsOf = (argument: Written, text: string, scale: InstrumentScale | null): Result<bigint> =>
  scale === null
    ? refuse('INVALID_ARGUMENT', { argument: 'symbol', expected: `an instrument: ${argument} counts its lots` })
    : ofArgument(argument, parseQuantityLots(text, scale));

const unitsOf = (argument: Written, text: string): Result<bigint> => {
  const units = ofArgument(argument, parseAmountUnits(text));
  return units.ok && units.value <= 0n ? refuse('AMOUNT_NOT_POSITIVE', { argument, value: text.slice(0, 64) }) : units;
};

const boundsOf = (input: SetRiskLimitsInput, scale: InstrumentScale | null): Result<RiskBounds> => {
  const bounds: Bounds = {};
  const counted = withCounts(bounds, input);
  if (!counted.ok) return counted;
  for (const [argument, name] of quantities) {
    const text = input[argument] ?? null;
    if (text === null) continue;
    const lots = lotsOf(argument, text, scale);
    if (!lots.ok) return lots;
    bounds[name] = lots.value;
  }
  for (const [argument, name] of amounts) {
    const text = input[argument] ?? null;
    if (text === null) continue;
    const units = unitsOf(argument, text);
    if (!units.ok) return units;
    bounds[name] = units.value;
  }
  return ok(bounds);
};

/** A day's loss is what an account or a desk has lost; nobody else has one. */
const dailyLossMisplaced = ({ scope, maxDailyLoss = null }: SetRiskLimitsInput): Result<never> | null =>
  maxDailyLoss === null || scope === 'ACCOUNT' || scope === 'GROUP'
    ? null
    : refuse('INVALID_ARGUMENT', {
        ...{ argument: 'maxDailyLoss', value: maxDailyLoss.slice(0, 64), expected: `nothing: scope is ${scope}, not ACCOUNT or GROUP` },
      });

/** `symbol` beside another scope narrows the limits to one instrument. */
export const toSetRiskLimits = (input: SetRiskLimitsInput, instrument: InstrumentTerms | null): Result<SetRiskLimits> => {
  const targetId = targetIdOf(input, instrument, ['symbol']);
  if (!targetId.ok) return targetId;
  const version = parseVersion(input.version);
  if (!version.ok) return version;
  const bounds = dailyLossMisplaced(input) ?? boundsOf(input, instrument?.scale ?? null);
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
