import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatScaled, parseDecimal } from './decimal.js';
import {
  formatMoney,
  formatPrice,
  formatQuantity,
  parseAmountUnits,
  parsePriceTicks,
  parseQuantityLots,
  unitsPerTickLot,
} from './instrument-scale.js';

const scale = { tickMantissa: 5n, tickExponent: 1, lotMantissa: 1n, lotExponent: 4, moneyExponent: 8 };

describe('decimals', () => {
  it.each([
    ['', 'MALFORMED_DECIMAL'],
    ['.5', 'MALFORMED_DECIMAL'],
    ['5.', 'MALFORMED_DECIMAL'],
    ['1e400', 'MALFORMED_DECIMAL'],
    ['NaN', 'MALFORMED_DECIMAL'],
    ['Infinity', 'MALFORMED_DECIMAL'],
    ['0x10', 'MALFORMED_DECIMAL'],
    ['1,000', 'MALFORMED_DECIMAL'],
    [' 1', 'MALFORMED_DECIMAL'],
    ['１', 'MALFORMED_DECIMAL'],
    ['1234567890123456789', 'DECIMAL_OUT_OF_RANGE'],
    ['0.1234567890123456789', 'DECIMAL_OUT_OF_RANGE'],
    ['123456789012345678901234567890123', 'DECIMAL_OUT_OF_RANGE'],
  ])('%j is refused as %s', (text, code) => {
    expect(parseDecimal(text)).toMatchObject({ ok: false, problem: { code } });
  });

  it('comes back from text as it went', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }), fc.integer({ min: 0, max: 18 }), (mantissa, exponent) => {
        const parsed = parseDecimal(formatScaled(mantissa, exponent));
        if (!parsed.ok) throw new Error(parsed.problem.code);
        expect(parsed.value.mantissa * 10n ** BigInt(exponent - parsed.value.exponent)).toBe(mantissa);
      }),
    );
  });
});

describe('ticks, lots and units', () => {
  it('never rounds: what is accepted converts back to the same value', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 62n }), (steps) => {
        const price = formatPrice(steps, scale);
        const quantity = formatQuantity(steps, scale);
        const digits = (text: string): number => text.split('.')[0]?.length ?? 0;
        fc.pre(digits(price) <= 18 && digits(quantity) <= 18);
        expect(parsePriceTicks(price, scale)).toEqual({ ok: true, value: steps });
        expect(parseQuantityLots(quantity, scale)).toEqual({ ok: true, value: steps });
      }),
    );
  });

  it.each([
    ['0.25', 'PRICE_OFF_TICK'],
    ['0', 'PRICE_NOT_POSITIVE'],
    ['-0.5', 'PRICE_NOT_POSITIVE'],
    ['abc', 'MALFORMED_DECIMAL'],
  ])('price %s is refused as %s', (text, code) => {
    expect(parsePriceTicks(text, scale)).toMatchObject({ ok: false, problem: { code } });
  });

  it.each([
    ['0.00005', 'QUANTITY_OFF_LOT'],
    ['0', 'QUANTITY_NOT_POSITIVE'],
    ['-1', 'QUANTITY_NOT_POSITIVE'],
    ['999999999999999999', 'DECIMAL_OUT_OF_RANGE'],
  ])('quantity %s is refused as %s', (text, code) => {
    expect(parseQuantityLots(text, scale)).toMatchObject({ ok: false, problem: { code } });
  });

  it('refuses an amount that the currency cannot hold', () => {
    expect(parseAmountUnits('0.000000001')).toMatchObject({ ok: false, problem: { code: 'AMOUNT_OFF_UNIT' } });
    expect(parseAmountUnits('92233720369')).toMatchObject({ ok: false, problem: { code: 'DECIMAL_OUT_OF_RANGE' } });
    expect(parseAmountUnits('-12.5')).toEqual({ ok: true, value: -1_250_000_000n });
    expect(formatMoney(-1_250_000_000n)).toBe('-12.5');
  });

  it('refuses instruments whose amounts would need rounding', () => {
    expect(unitsPerTickLot(scale)).toEqual({ ok: true, value: 5000n });
    expect(unitsPerTickLot({ ...scale, lotExponent: 8 })).toMatchObject({ ok: false, problem: { code: 'INVALID_INSTRUMENT_TERMS' } });
  });
});
