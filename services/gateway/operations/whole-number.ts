import { ok, refuse, type Result } from '#contracts/result/result.js';

export const uint32Max = 0xffff_ffffn;

/** A whole number that travels as text because JSON's numbers do not hold all of them. */
export const parseWhole = (argument: string, text: string, { min = 0n, max = uint32Max } = {}): Result<bigint> => {
  const value = /^[0-9]{1,20}$/.test(text) ? BigInt(text) : -1n;
  return value >= min && value <= max
    ? ok(value)
    : refuse('INVALID_ARGUMENT', { argument, value: text.slice(0, 32), expected: `${min} to ${max}` });
};
