import { ok, refuse, type Result } from '#contracts/result/result.js';

const pattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 with a time zone and up to nanoseconds, as UNIX nanoseconds. */
export const parseNanos = (text: string, argument: string): Result<bigint> => {
  const match = pattern.exec(text);
  const seconds = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`) / 1_000;
  if (match === null || !Number.isInteger(seconds))
    return refuse('INVALID_ARGUMENT', { argument, value: text.slice(0, 64), expected: 'a time such as 2026-01-02T03:04:05Z' });
  return ok(BigInt(seconds) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0')));
};
