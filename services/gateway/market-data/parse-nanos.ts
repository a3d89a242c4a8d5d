import { ok, refuse, type Result } from '#contracts/result/result.js';
import { nanosToIso } from '#contracts/time/clock.js';

const pattern = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/**
 * The engine counts nanoseconds in 64 unsigned bits, but its answers show them as signed ones and ClickHouse's DateTime64(9) ends there
 * too: the largest time that every store holds is that of a signed count.
 */
const nanosMax = 0x7fff_ffff_ffff_ffffn;
const expected = 'a time from 1970-01-01T00:00:00Z to 2262-04-11T23:47:16.854775807Z, such as 2026-01-02T03:04:05Z';
/** No place on earth is further from UTC. */
const offsetMinutesMax = 14 * 60;

/** A date and time of day in UTC; null for one that no calendar has, which the language would carry on into the next day or month. */
const secondsOf = (local: string): bigint | null => {
  const time = new Date(`${local}Z`);
  return Number.isNaN(time.getTime()) || time.toISOString().slice(0, local.length) !== local ? null : BigInt(time.getTime() / 1_000);
};

const offsetSecondsOf = (sign: string | undefined, hours: string | undefined, minutes: string | undefined): bigint | null => {
  const total = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  if (Number(minutes ?? 0) > 59 || total > offsetMinutesMax) return null;
  return BigInt(sign === '-' ? -total : total) * 60n;
};

const nanosOf = (text: string): bigint | null => {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, local = '', fraction = '', sign, hours, minutes] = match;
  const seconds = secondsOf(local);
  const offset = offsetSecondsOf(sign, hours, minutes);
  return seconds === null || offset === null ? null : (seconds - offset) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
};

/** ISO 8601 with a time zone and up to nanoseconds, as UNIX nanoseconds from 0 to what a signed count of 64 bits holds. */
export const parseNanos = (text: string, argument: string): Result<bigint> => {
  const nanos = nanosOf(text);
  return nanos === null || nanos < 0n || nanos > nanosMax
    ? refuse('INVALID_ARGUMENT', { argument, value: text.slice(0, 64), expected })
    : ok(nanos);
};

/** As `parseNanos`, of a time that must lie behind another one. */
export const parseNanosBehind = (afterNanos: bigint, text: string, argument: string): Result<bigint> => {
  const nanos = parseNanos(text, argument);
  return nanos.ok && nanos.value <= afterNanos
    ? refuse('INVALID_ARGUMENT', { argument, value: text, expected: `a time behind ${nanosToIso(afterNanos)}` })
    : nanos;
};
