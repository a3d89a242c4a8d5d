import type { InstrumentTermsText } from '#contracts/events/instrument-events.js';
import { parseDecimal } from '#contracts/money/decimal.js';
import {
  defaultMoneyExponent,
  parseAmountUnits,
  parseQuantityLots,
  unitsPerTickLot,
  type InstrumentScale,
} from '#contracts/money/instrument-scale.js';
import { ok, refuse, type Result } from '#contracts/result/result.js';

/** Terms of an instrument in the integers of the engine. */
export interface EngineTerms {
  readonly scale: InstrumentScale;
  readonly unitsPerTickLot: bigint;
  /** 0n = no limit. */
  readonly maxQuantityLots: bigint;
  readonly minNotionalUnits: bigint;
}

const mantissaMax = 0xffff_ffffn;

const parseStep = (text: string, argument: string): Result<{ readonly mantissa: bigint; readonly exponent: number }> => {
  const step = parseDecimal(text);
  if (!step.ok) return step;
  if (step.value.mantissa <= 0n || step.value.mantissa > mantissaMax) return refuse('INVALID_INSTRUMENT_TERMS', { [argument]: text });
  return step;
};

const isZero = (text: string): boolean => {
  const decimal = parseDecimal(text);
  return decimal.ok && decimal.value.mantissa === 0n;
};

const feePpmMax = 1_000_000;

/** Refused with INVALID_INSTRUMENT_TERMS or a decimal's own code when the engine could not hold the terms exactly. */
export const engineTermsOf = (terms: InstrumentTermsText): Result<EngineTerms> => {
  const tick = parseStep(terms.tickSize, 'tickSize');
  if (!tick.ok) return tick;
  const lot = parseStep(terms.lotSize, 'lotSize');
  if (!lot.ok) return lot;
  for (const [name, value] of Object.entries({ makerFeePpm: terms.makerFeePpm, takerFeePpm: terms.takerFeePpm })) {
    if (!Number.isInteger(value) || Math.abs(value) > feePpmMax) return refuse('INVALID_INSTRUMENT_TERMS', { [name]: String(value) });
  }
  if (!Number.isInteger(terms.collarPpm) || terms.collarPpm < 0 || terms.collarPpm > feePpmMax) {
    return refuse('INVALID_INSTRUMENT_TERMS', { collarPpm: String(terms.collarPpm) });
  }
  const scale: InstrumentScale = {
    tickMantissa: tick.value.mantissa,
    tickExponent: tick.value.exponent,
    lotMantissa: lot.value.mantissa,
    lotExponent: lot.value.exponent,
    moneyExponent: defaultMoneyExponent,
  };
  const units = unitsPerTickLot(scale);
  if (!units.ok) return units;
  const maxQuantityLots = isZero(terms.maxQuantity) ? ok(0n) : parseQuantityLots(terms.maxQuantity, scale);
  if (!maxQuantityLots.ok) return maxQuantityLots;
  const minNotionalUnits = parseAmountUnits(terms.minNotional);
  if (!minNotionalUnits.ok) return minNotionalUnits;
  if (minNotionalUnits.value < 0n) return refuse('INVALID_INSTRUMENT_TERMS', { minNotional: terms.minNotional });
  return ok({ scale, unitsPerTickLot: units.value, maxQuantityLots: maxQuantityLots.value, minNotionalUnits: minNotionalUnits.value });
};
