import { ok, refuse, type Result } from '../result/result.js';

/** A decimal outside the platform: digits with an optional sign and point, never an exponent. */
export interface ParsedDecimal {
  /** All digits as one integer, signed. */
  readonly mantissa: bigint;
  /** Digits behind the point, trailing zeros removed. */
  readonly exponent: number;
}

const pattern = /^([+-])?([0-9]+)(?:\.([0-9]+))?$/;
const digitsMax = 18;

export const parseDecimal = (text: string): Result<ParsedDecimal> => {
  const match = pattern.exec(text);
  if (match === null) return refuse('MALFORMED_DECIMAL', { value: text.slice(0, 64) });
  const whole = (match[2] ?? '').replace(/^0+(?=[0-9])/, '');
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  if (whole.length > digitsMax || fraction.length > digitsMax) return refuse('DECIMAL_OUT_OF_RANGE', { value: text.slice(0, 64) });
  const magnitude = BigInt(whole + fraction);
  return ok({ mantissa: match[1] === '-' ? -magnitude : magnitude, exponent: fraction.length });
};

/** How many steps of `stepMantissa * 10^-stepExponent` make the decimal; null when it is not a whole number of steps. */
export const decimalToSteps = (decimal: ParsedDecimal, stepMantissa: bigint, stepExponent: number): bigint | null => {
  const scale = Math.max(decimal.exponent, stepExponent);
  const value = decimal.mantissa * 10n ** BigInt(scale - decimal.exponent);
  const step = stepMantissa * 10n ** BigInt(scale - stepExponent);
  return value % step === 0n ? value / step : null;
};

/** Exact decimal text of `steps * stepMantissa * 10^-stepExponent`, without trailing zeros behind the point. */
export const stepsToDecimal = (steps: bigint, stepMantissa: bigint, stepExponent: number): string =>
  formatScaled(steps * stepMantissa, stepExponent);

/** Exact decimal text of `value * 10^-exponent`, without trailing zeros behind the point. */
export const formatScaled = (value: bigint, exponent: number): string => {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? '' : digits.slice(digits.length - exponent).replace(/0+$/, '');
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
};
