import { describe, expect, it } from 'vitest';
import { nanosToIso } from '#contracts/time/clock.js';
import { unwrap } from '#contracts/result/result.js';
import { parseNanos } from './parse-nanos.js';

describe('times as UNIX nanoseconds', () => {
  it.each<[string, bigint]>([
    ['1970-01-01T00:00:00Z', 0n],
    ['1970-01-01T00:00:00.000000001Z', 1n],
    ['1969-12-31T23:00:00-02:00', 3_600_000_000_000n],
    ['2030-01-01T00:00:00Z', 1_893_456_000_000_000_000n],
    ['2030-01-01T05:30:00+05:30', 1_893_456_000_000_000_000n],
    ['2030-01-01T14:00:00+14:00', 1_893_456_000_000_000_000n],
    ['2028-02-29T00:00:00.5Z', 1_835_395_200_500_000_000n],
    ['2262-04-11T23:47:16.854775807Z', 0x7fff_ffff_ffff_ffffn],
  ])('%s', (text, nanos) => expect(parseNanos(text, 'until')).toEqual({ ok: true, value: nanos }));

  it('come back as they went', () => {
    const text = '2262-04-11T23:47:16.854775807Z';
    expect(nanosToIso(unwrap(parseNanos(text, 'until')))).toBe(text);
  });

  it.each([
    ['1969-01-01T00:00:00Z'],
    ['1969-12-31T23:59:59.999999999Z'],
    ['1970-01-01T00:59:59+01:00'],
    ['0070-01-01T00:00:00Z'],
    ['2262-04-11T23:47:16.854775808Z'],
    ['2262-04-11T23:47:17-00:01'],
    ['2600-01-01T00:00:00Z'],
    ['9999-12-31T00:00:00Z'],
    ['2027-02-29T00:00:00Z'],
    ['2027-02-30T00:00:00Z'],
    ['2027-04-31T00:00:00Z'],
    ['2027-13-01T00:00:00Z'],
    ['2027-00-01T00:00:00Z'],
    ['2027-01-00T00:00:00Z'],
    ['2027-01-01T24:00:00Z'],
    ['2027-01-01T23:60:00Z'],
    ['2027-01-01T23:59:60Z'],
    ['2027-01-01T00:00:00+14:01'],
    ['2027-01-01T00:00:00-24:00'],
    ['2027-01-01T00:00:00+05:60'],
    ['2027-01-01T00:00:00'],
    ['2027-01-01'],
    ['2027-01-01T00:00:00.0000000001Z'],
    ['tomorrow'],
    [''],
  ])('%j is refused by its name, its value and what is expected', (text) => {
    const details = {
      argument: 'plan.at',
      value: text,
      expected: 'a time from 1970-01-01T00:00:00Z to 2262-04-11T23:47:16.854775807Z, such as 2026-01-02T03:04:05Z',
    };
    expect(parseNanos(text, 'plan.at')).toEqual({ ok: false, problem: { code: 'INVALID_ARGUMENT', details } });
  });
});
