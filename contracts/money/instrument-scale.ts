import { ok, refuse, type Result } from '../result/result.js';
import { decimalToSteps, formatScaled, parseDecimal, stepsToDecimal } from './decimal.js';

const int64Max = 0x7fff_ffff_ffff_ffffn;

/** How decimals map to ticks, lots and money units for one instrument. Conversion never rounds: what does not fit is refused. */
export interface InstrumentScale {
  readonly tickMantissa: bigint;
  readonly tickExponent: number;
  readonly lotMantissa: bigint;
  readonly lotExponent: number;
  /** A money unit is 10^-moneyExponent of the settlement currency. */
  readonly moneyExponent: number;
}

/** Default scale of money: units of 10^-8. */
export const defaultMoneyExponent = 8;

const parseSteps = (text: string, mantissa: bigint, exponent: number, offStep: 'PRICE_OFF_TICK' | 'QUANTITY_OFF_LOT'): Result<bigint> => {
  const decimal = parseDecimal(text);
  if (!decimal.ok) return decimal;
  const steps = decimalToSteps(decimal.value, mantissa, exponent);
  if (steps === null) return refuse(offStep, { value: text, step: stepsToDecimal(1n, mantissa, exponent) });
  if (steps > int64Max || steps < -int64Max) return refuse('DECIMAL_OUT_OF_RANGE', { value: text });
  return ok(steps);
};

/** Decimal text to ticks; refuses a price that is off the tick, not positive or out of range. */
export const parsePriceTicks = (text: string, scale: InstrumentScale): Result<bigint> => {
  const ticks = parseSteps(text, scale.tickMantissa, scale.tickExponent, 'PRICE_OFF_TICK');
  return ticks.ok && ticks.value <= 0n ? refuse('PRICE_NOT_POSITIVE', { value: text }) : ticks;
};

/** Decimal text of a distance between prices to ticks; any sign. */
export const parseOffsetTicks = (text: string, scale: InstrumentScale): Result<bigint> =>
  parseSteps(text, scale.tickMantissa, scale.tickExponent, 'PRICE_OFF_TICK');

/** Decimal text to lots; refuses a quantity that is off the lot, not positive or out of range. */
export const parseQuantityLots = (text: string, scale: InstrumentScale): Result<bigint> => {
  const lots = parseSteps(text, scale.lotMantissa, scale.lotExponent, 'QUANTITY_OFF_LOT');
  return lots.ok && lots.value <= 0n ? refuse('QUANTITY_NOT_POSITIVE', { value: text }) : lots;
};

/** Decimal text to money units of 10^-exponent; refuses what the currency cannot hold. Any sign. */
export const parseAmountUnits = (text: string, moneyExponent: number = defaultMoneyExponent): Result<bigint> => {
  const decimal = parseDecimal(text);
  if (!decimal.ok) return decimal;
  const units = decimalToSteps(decimal.value, 1n, moneyExponent);
  if (units === null) return refuse('AMOUNT_OFF_UNIT', { value: text, decimals: String(moneyExponent) });
  if (units > int64Max || units < -int64Max) return refuse('DECIMAL_OUT_OF_RANGE', { value: text });
  return ok(units);
};

export const formatPrice = (ticks: bigint, scale: InstrumentScale): string => stepsToDecimal(ticks, scale.tickMantissa, scale.tickExponent);
export const formatQuantity = (lots: bigint, scale: InstrumentScale): string => stepsToDecimal(lots, scale.lotMantissa, scale.lotExponent);
export const formatMoney = (units: bigint, moneyExponent: number = defaultMoneyExponent): string => formatScaled(units, moneyExponent);

/**
 * Money units of one tick times one lot times the multiplier.
 * Refused with INVALID_INSTRUMENT_TERMS when that is not a whole number, because every amount would then need rounding.
 */
export const unitsPerTickLot = (scale: InstrumentScale, multiplier = 1n): Result<bigint> => {
  const exponent = scale.tickExponent + scale.lotExponent;
  const value = scale.tickMantissa * scale.lotMantissa * multiplier;
  const units = decimalToSteps({ mantissa: value, exponent }, 1n, scale.moneyExponent);
  if (units === null || units <= 0n || units > int64Max)
    return refuse('INVALID_INSTRUMENT_TERMS', { unit: formatScaled(value, exponent), moneyExponent: String(scale.moneyExponent) });
  return ok(units);
};
