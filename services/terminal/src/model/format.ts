import type { Instrument, MoneyUnits, PriceTicks, QuantityLots } from './values.js';

/** Formatting is the last step: whole numbers in, text out, and nothing is computed from the text again. */

/** `value * 10^-exponent` with exactly `decimals` digits behind the point, rounded half away from zero, thousands grouped. */
export const formatFixed = (value: bigint, exponent: number, decimals: number): string => {
  const negative = value < 0n;
  let magnitude = negative ? -value : value;
  if (decimals < exponent) {
    const divisor = 10n ** BigInt(exponent - decimals);
    magnitude = (magnitude + divisor / 2n) / divisor;
  } else magnitude *= 10n ** BigInt(decimals - exponent);
  const digits = magnitude.toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=([0-9]{3})+$)/g, ',');
  const fraction = decimals === 0 ? '' : `.${digits.slice(digits.length - decimals)}`;
  return `${negative && magnitude !== 0n ? '−' : ''}${whole}${fraction}`;
};

export const priceText = (ticks: PriceTicks, { scale }: Instrument): string =>
  formatFixed(ticks * scale.tickMantissa, scale.tickExponent, scale.tickExponent);
/** A price for an input: all digits of the tick, no grouping. */
export const priceInputText = (ticks: PriceTicks, instrument: Instrument): string => priceText(ticks, instrument).replaceAll(',', '');
export const quantityText = (lots: QuantityLots, { scale }: Instrument): string =>
  formatFixed(lots * scale.lotMantissa, scale.lotExponent, scale.lotExponent);
export const moneyText = (units: MoneyUnits, decimals = 2): string => formatFixed(units, 8, decimals);
export const signedMoneyText = (units: MoneyUnits, decimals = 2): string => `${units > 0n ? '+' : ''}${moneyText(units, decimals)}`;

/** Large quantities in a narrow column: 1,234 then 12.3K, 4.56M. */
export const compactText = (value: bigint, exponent: number): string => {
  const whole = value / 10n ** BigInt(exponent);
  const magnitude = whole < 0n ? -whole : whole;
  if (magnitude >= 1_000_000_000n) return `${formatFixed(value, exponent + 9, 2)}B`;
  if (magnitude >= 1_000_000n) return `${formatFixed(value, exponent + 6, 2)}M`;
  if (magnitude >= 10_000n) return `${formatFixed(value, exponent + 3, 1)}K`;
  return formatFixed(value, exponent, magnitude >= 100n ? 0 : Math.min(exponent, 3));
};

/** Ten-thousandths as a percentage with two digits: 123 is +1.23%. */
export const percentText = (basisPoints: bigint): string => `${basisPoints > 0n ? '+' : ''}${formatFixed(basisPoints, 2, 2)}%`;

export const basisPointsOf = (value: bigint, base: bigint): bigint => (base === 0n ? 0n : ((value - base) * 10_000n) / base);

export const timeText = (iso: string): string => new Date(iso).toLocaleTimeString('en-GB', { hour12: false });
export const dateTimeText = (iso: string): string => {
  const at = new Date(iso);
  return `${at.toLocaleDateString('en-GB', { month: 'short', day: '2-digit' })} ${timeText(iso)}`;
};

const words: Readonly<Record<string, string>> = {
  GTC: 'GTC',
  IOC: 'IOC',
  FOK: 'FOK',
  DAY: 'Day',
  GTD: 'GTD',
  OPG: 'At the open',
  ATC: 'At the close',
  GFA: 'Auction only',
};
/** PARTIALLY_FILLED to "Partially filled". */
export const wordsOf = (code: string): string => words[code] ?? code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');
