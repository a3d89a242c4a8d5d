import { describe, expect, it } from 'vitest';
import { averageCostOf } from './average-cost.js';

const money = { lotMantissa: 1n, lotExponent: 0, moneyExponent: 8 };
const shares = { ...money, lotExponent: 2 };

describe('average cost', () => {
  it.each<[string, bigint, bigint, typeof money, string]>([
    ['188936.75099749 over 1105, rounded up', 18_893_675_099_749n, 1_105n, money, '170.983485065601809955'],
    [
      '18239964283.6013444 over 99999814, rounded down',
      182_399_642_836_013_444n,
      99_999_814n,
      { ...money, moneyExponent: 7 },
      '182.399982099980149963',
    ],
    ['two thirds, rounded up', 200_000_000n, 3n, money, '0.666666666666666667'],
    ['half of the last decimal, rounded up', 5n, 10n ** 19n, { ...money, moneyExponent: 0 }, '0.000000000000000001'],
    ['a short position costs what it was sold for', -200_000_000n, -3n, money, '0.666666666666666667'],
    ['a cost against its position is negative, rounded away from zero', -200_000_000n, 3n, money, '-0.666666666666666667'],
    ['an end that is there', 18_240_000_000n, 250n, shares, '72.96'],
    ['a closed position', 7n, 0n, money, '0'],
  ])('of %s', (_what, costUnits, quantityLots, scale, average) => {
    expect(averageCostOf({ costUnits, quantityLots }, scale)).toBe(average);
  });
});
