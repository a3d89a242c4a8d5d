import { formatScaled } from './decimal.js';
import type { InstrumentScale } from './instrument-scale.js';

/** Decimals behind the point of an average cost. */
const averageCostDecimals = 18;

const magnitudeOf = (value: bigint): bigint => (value < 0n ? -value : value);

/**
 * Cost over quantity, rounded half away from zero at the 18th decimal; 0 for a closed position. The one definition of what is stored and of
 * what is told live, so that both have the same digits: a division by the database would keep as many as it sees fit.
 */
export const averageCostOf = (
  { costUnits, quantityLots }: { readonly costUnits: bigint; readonly quantityLots: bigint },
  { lotMantissa, lotExponent, moneyExponent }: Pick<InstrumentScale, 'lotMantissa' | 'lotExponent' | 'moneyExponent'>,
): string => {
  if (quantityLots === 0n) return '0';
  const numerator = magnitudeOf(costUnits) * 10n ** BigInt(averageCostDecimals + lotExponent);
  const denominator = magnitudeOf(quantityLots) * lotMantissa * 10n ** BigInt(moneyExponent);
  const rounded = (2n * numerator + denominator) / (2n * denominator);
  const isNegative = costUnits < 0n !== quantityLots < 0n;
  return formatScaled(isNegative ? -rounded : rounded, averageCostDecimals);
};
